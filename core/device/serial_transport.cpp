// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/serial_transport.h"

#include "core/device/fd_handle.h"
#include "core/device/polled_transport.h"

#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>

namespace ember::device {
namespace {

constexpr int kDataBits = 8;
constexpr int kStopBits = 1;

/// Owns a libserialport port; closes it when open.
class Port
{
public:
    explicit Port(const SerialApi& api)
        : m_api(&api)
    {}
    ~Port()
    {
        close();
        if (m_port)
            m_api->freePort(m_port);
    }
    Port(Port&& other) noexcept
        : m_api(other.m_api)
        , m_port(std::exchange(other.m_port, nullptr))
        , m_open(std::exchange(other.m_open, false))
        , m_exclusive(std::exchange(other.m_exclusive, false))
        , m_lock(std::move(other.m_lock))
    {}
    Port& operator=(Port&&) = delete;
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    sp_return find(const QString& name) { return m_api->getPortByName(QFile::encodeName(name).constData(), &m_port); }
    /// Asks every program that locks its ports, as serial monitors do, to stay away; 0, or the error when another one
    /// was first. Before open(): to the administrator a port in use opens like any other, and the library's opening
    /// moves the lines that its user has set.
    int lock(const QString& path)
    {
        FdHandle fd(::open(QFile::encodeName(path).constData(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        if (!fd.isValid())
            return 0; // open() will say why
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
            return errno;
        m_lock = std::move(fd);
        return 0;
    }
    sp_return open()
    {
        const sp_return result = m_api->open(m_port, SP_MODE_READ_WRITE);
        m_open = result == SP_OK;
        // The terminal's own flag keeps everyone but the administrator out. It is the terminal's, not the descriptor's:
        // whoever set it takes it back.
        int taken = 0;
        if (m_open && ::ioctl(handle(), TIOCGEXCL, &taken) == 0 && taken == 0)
            m_exclusive = ::ioctl(handle(), TIOCEXCL) == 0;
        return result;
    }
    void close()
    {
        if (!m_open)
            return;
        // A pseudo-terminal keeps the flag as long as its other end lives.
        if (std::exchange(m_exclusive, false))
            ::ioctl(handle(), TIOCNXCL);
        m_api->close(m_port);
        m_open = false;
        m_lock.reset();
    }
    bool isOpen() const { return m_open; }
    int handle() const
    {
        int fd = -1;
        return m_api->getPortHandle(m_port, &fd) == SP_OK ? fd : -1;
    }
    sp_port* get() const { return m_port; }
    const SerialApi& api() const { return *m_api; }

private:
    const SerialApi* m_api;
    sp_port* m_port = nullptr;
    bool m_open = false;
    bool m_exclusive = false; // set by this object
    FdHandle m_lock;
};

class SerialTransport final : public PolledTransport
{
public:
    SerialTransport(Port port, QString address)
        : PolledTransport(std::move(address))
        , m_port(std::move(port))
        , m_fd(m_port.handle())
    {}

    void close() override { m_port.close(); }
    bool isOpen() const override { return m_port.isOpen(); }

protected:
    int fd() const override { return m_fd; }
    ssize_t readSome(char* to, size_t most) override
    {
        errno = 0;
        return moved(m_port.api().nonblockingRead(m_port.get(), to, most));
    }
    ssize_t writeSome(const char* from, size_t count) override
    {
        errno = 0;
        return moved(m_port.api().nonblockingWrite(m_port.get(), from, count));
    }

private:
    /// The library's answer as that of read(2): it gives 0 where nothing could be moved just now.
    static ssize_t moved(sp_return result)
    {
        if (result > 0)
            return result;
        if (result == 0)
            errno = EAGAIN;
        else if (errno == 0)
            errno = EIO;
        return -1;
    }

    Port m_port;
    int m_fd;
};

Error cannotOpen(const QString& address, int error)
{
    QString why = QString::fromLocal8Bit(std::strerror(error));
    QString hint;
    switch (error) {
    case EACCES:
    case EPERM:
        why = QStringLiteral("you are not permitted to use it");
        hint =
            QStringLiteral("Add yourself to the group that owns the port (on Debian: sudo adduser $USER dialout), then "
                           "log out and in again.");
        break;
    case EBUSY:
    case EWOULDBLOCK:
        why = QStringLiteral("another program uses it");
        hint = QStringLiteral("Close the other program (a serial monitor, an IDE, another Emberlab) and try again.");
        break;
    case ENOENT:
    case ENODEV:
    case ENXIO:
        why = QStringLiteral("there is no such port");
        hint = QStringLiteral("Plug the board in; 'emberlab ports' lists the ports that are there.");
        break;
    default:
        break;
    }
    return Error(ErrorKind::Board, QStringLiteral("The serial port %1 cannot be opened: %2.").arg(address, why), hint);
}

/// The library knows ports by their kernel name only; people name them by links such as /dev/serial/by-id/...
bool findPort(Port& port, const QString& address)
{
    if (port.find(address) == SP_OK)
        return true;
    const QString kernelName = QFileInfo(address).canonicalFilePath();
    return !kernelName.isEmpty() && kernelName != address && port.find(kernelName) == SP_OK;
}

sp_return configure(const Port& port, const TransportOptions& options)
{
    const SerialApi& api = port.api();
    for (const sp_return step : {
             api.setBaudrate(port.get(), options.baud),
             api.setBits(port.get(), kDataBits),
             api.setParity(port.get(), SP_PARITY_NONE),
             api.setStopbits(port.get(), kStopBits),
             // First, because it sets the lines to its own idea.
             api.setFlowcontrol(port.get(), SP_FLOWCONTROL_NONE),
             api.setDtr(port.get(), options.dtr ? SP_DTR_ON : SP_DTR_OFF),
             api.setRts(port.get(), options.rts ? SP_RTS_ON : SP_RTS_OFF),
         }) {
        if (step != SP_OK)
            return step;
    }
    // What arrived before is of an earlier conversation.
    return api.flush(port.get(), SP_BUF_INPUT);
}

} // namespace

const SerialApi& systemSerialApi()
{
    static constexpr SerialApi kApi{
        sp_get_port_by_name,
        sp_free_port,
        sp_open,
        sp_close,
        sp_set_baudrate,
        sp_set_bits,
        sp_set_parity,
        sp_set_stopbits,
        sp_set_flowcontrol,
        sp_set_dtr,
        sp_set_rts,
        sp_flush,
        sp_get_port_handle,
        sp_nonblocking_read,
        sp_nonblocking_write,
        sp_list_ports,
        sp_free_port_list,
        sp_get_port_name,
        sp_get_port_description,
        sp_get_port_usb_vid_pid,
        sp_get_port_usb_serial,
    };
    return kApi;
}

Result<std::unique_ptr<Transport>> openSerial(const QString& address, const TransportOptions& options,
                                              const SerialApi& api)
{
    if (options.baud <= 0)
        return Error(ErrorKind::Usage, QStringLiteral("%1 is not a baud rate.").arg(options.baud));
    Port port(api);
    errno = 0;
    if (!findPort(port, address))
        return cannotOpen(address, ENOENT);
    if (const int error = port.lock(address); error != 0)
        return cannotOpen(address, error);
    errno = 0;
    if (port.open() != SP_OK)
        return cannotOpen(address, errno != 0 ? errno : EIO);
    errno = 0;
    if (configure(port, options) != SP_OK) {
        return Error(ErrorKind::Board,
                     QStringLiteral("The serial port %1 refuses %2 baud, 8N1: %3.")
                         .arg(address)
                         .arg(options.baud)
                         .arg(QString::fromLocal8Bit(std::strerror(errno != 0 ? errno : EINVAL))),
                     QStringLiteral("Try another baud rate."));
    }
    return std::unique_ptr<Transport>(std::make_unique<SerialTransport>(std::move(port), address));
}

} // namespace ember::device
