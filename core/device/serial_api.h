// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libserialport.h>

namespace ember::device {

/// The calls of libserialport that are used, as a table: one place shows all of them, and tests can stand in for a port
/// that is busy or forbidden without having one.
struct SerialApi
{
    decltype(&sp_get_port_by_name) getPortByName;
    decltype(&sp_free_port) freePort;
    decltype(&sp_open) open;
    decltype(&sp_close) close;
    decltype(&sp_set_baudrate) setBaudrate;
    decltype(&sp_set_bits) setBits;
    decltype(&sp_set_parity) setParity;
    decltype(&sp_set_stopbits) setStopbits;
    decltype(&sp_set_flowcontrol) setFlowcontrol;
    decltype(&sp_set_dtr) setDtr;
    decltype(&sp_set_rts) setRts;
    decltype(&sp_flush) flush;
    decltype(&sp_get_port_handle) getPortHandle;
    decltype(&sp_nonblocking_read) nonblockingRead;
    decltype(&sp_nonblocking_write) nonblockingWrite;
    decltype(&sp_list_ports) listPorts;
    decltype(&sp_free_port_list) freePortList;
    decltype(&sp_get_port_name) getPortName;
    decltype(&sp_get_port_description) getPortDescription;
    decltype(&sp_get_port_usb_vid_pid) getPortUsbVidPid;
    decltype(&sp_get_port_usb_serial) getPortUsbSerial;
};

/// The library itself.
const SerialApi& systemSerialApi();

} // namespace ember::device
