// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/cable_write.h"

#include <QByteArray>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace ember::test {

/// A board with Edge Impulse's firmware at the end of a cable: answers its AT commands, takes samples in real time, and
/// gives them back in base64. Bytes are written as that firmware writes them, by hand. A thread of its own.
class AtBoard
{
public:
    struct Options
    {
        double rateHz = 100;
        double maxSeconds = 300;
        bool isSound = false;         ///< one channel, its samples bare behind the CBOR
        bool keepsFiles = false;      ///< names a file instead of a stretch of its buffer
        bool uploads = false;         ///< sends samples away by itself
        int damagedSample = -1;       ///< this one (from 0) comes back with a character that is no base64
        int failingSample = -1;       ///< this one is refused with an error
        int refusesSettingsFrom = -1; ///< from this sample on, no settings are good enough
        double saidIntervalMs = 0;    ///< what its files say of the time between two rows; 0: the truth
    };

    /// `fd` stays the caller's, and must not block.
    AtBoard(int fd, Options options)
        : m_fd(fd)
        , m_options(options)
        , m_thread([this] { run(); })
    {}
    ~AtBoard()
    {
        m_stop = true;
        m_thread.join();
    }
    AtBoard(const AtBoard&) = delete;
    AtBoard& operator=(const AtBoard&) = delete;

    /// Value of a channel in row `row` of sample `sample`; a sample begins anew with row 0.
    static double value(int sample, qint64 row, int channel)
    {
        return channel == 0 ? static_cast<double>(row) : sample + 0.5 * channel;
    }
    static qint16 sound(int sample, qint64 row) { return static_cast<qint16>(1000 * sample + row % 997); }
    int samples() const { return m_sample; }

private:
    void run()
    {
        QByteArray line;
        while (!m_stop) {
            char input[64];
            const ssize_t count = ::read(m_fd, input, sizeof input);
            for (ssize_t i = 0; i < count; ++i) {
                send(QByteArray(1, input[i])); // the echo
                if (input[i] != '\r') {
                    line += input[i];
                    continue;
                }
                send("\r\n");
                answer(std::exchange(line, {}));
                send("\r\n> ");
            }
            ::poll(nullptr, 0, 2);
        }
    }

    void answer(const QByteArray& command)
    {
        if (command == "b" || command.isEmpty())
            return;
        if (command == "AT+CONFIG?")
            return send("===== Device info =====\r\nID:         AA:BB\r\nType:       SCRIPTED_BOARD\r\n"
                        "AT Version: 1.7.0\r\nData Transfer Baudrate: 921600\r\n\r\n===== Sensors ======\r\n"
                        "Name: Built-in accelerometer, Max sample length: " +
                        QByteArray::number(m_options.maxSeconds) + "s, Frequencies: [62.50Hz, " +
                        QByteArray::number(m_options.rateHz, 'f', 2) +
                        "Hz]\r\nName: Built-in microphone, Max sample length: 60s, Frequencies: [16000.00Hz]\r\n\r\n"
                        "===== WIFI =====\r\nPresent:   0\r\n");
        if (command.startsWith("AT+SAMPLESETTINGS=")) {
            if (m_options.refusesSettingsFrom >= 0 && m_sample >= m_options.refusesSettingsFrom)
                return send("ERR: bad interval");
            const QList<QByteArray> parts = command.mid(18).split(',');
            m_intervalMs = parts.value(1).toDouble();
            m_lengthMs = parts.value(2).toDouble();
            return send("OK");
        }
        if (command.startsWith("AT+SAMPLESTART="))
            return sample(command.mid(15));
        if (command.startsWith(m_options.keepsFiles ? "AT+READFILE=/fs/emberlab0" : "AT+READBUFFER=0,") &&
            command.endsWith(",n")) {
            QByteArray text = m_file.toBase64();
            if (m_sample - 1 == m_options.damagedSample)
                text[text.size() / 2] = '!';
            return send(text);
        }
        send("Not a valid AT command (" + command + ")");
    }

    void sample(const QByteArray& sensor)
    {
        if (sensor != (m_options.isSound ? "Built-in microphone" : "Built-in accelerometer"))
            return send("ERR: Failed to find sensor '" + sensor + "' in the sensor list");
        if (m_sample == m_options.failingSample) {
            ++m_sample;
            return send("ERR: Failed to erase flash");
        }
        send("Sampling settings:\r\n\tInterval: 10.00000 ms.\r\n\tFile name: /fs/emberlab0\r\n"
             "Starting in 100 ms... (or until all flash was erased)\r\n");
        wait(100);
        send("Sampling...\r\n");
        wait(m_lengthMs);
        m_file = m_options.isSound ? soundFile() : motionFile();
        ++m_sample;
        send("Done sampling, total bytes collected: " + QByteArray::number(m_file.size()) + "\r\n");
        if (m_options.uploads)
            return send("[1/1] Uploading file to Edge Impulse OK (took 20 ms.)\r\nOK");
        send(m_options.keepsFiles ? QByteArray("Not uploading file, not connected to WiFi.")
                                  : "Not uploading file, not connected to WiFi. Used buffer, from=0, to=" +
                                        QByteArray::number(m_file.size()) + ".\r\nOK");
    }

    static QByteArray text(const QByteArray& content)
    {
        QByteArray head;
        if (content.size() < 24)
            head = QByteArray(1, static_cast<char>(0x60 + content.size()));
        else
            head = QByteArray("\x78") + static_cast<char>(content.size());
        return head + content;
    }
    static QByteArray real(double content)
    {
        const auto number = static_cast<float>(content);
        quint32 bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        QByteArray out(1, '\xFA');
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(bits >> shift);
        return out;
    }
    QByteArray head(const QList<QByteArray>& names, const QByteArray& units, double intervalMs) const
    {
        QByteArray file = "\xA3" + text("protected") + "\xA2" + text("ver") + text("v1") + text("alg") + text("HS256") +
                          text("signature") + text(QByteArray(64, '0')) + text("payload") + "\xA5" +
                          text("device_name") + text("AA:BB") + text("device_type") + text("SCRIPTED_BOARD") +
                          text("interval_ms") +
                          real(m_options.saidIntervalMs > 0 ? m_options.saidIntervalMs : intervalMs) + text("sensors") +
                          static_cast<char>(0x80 + names.size());
        for (const QByteArray& name : names)
            file += "\xA2" + text("name") + text(name) + text("units") + text(units);
        return file + text("values") + '\x9F';
    }
    QByteArray motionFile() const
    {
        QByteArray file = head({"accX", "accY", "accZ"}, "m/s2", m_intervalMs);
        const auto rows = static_cast<qint64>(std::llround(m_lengthMs / m_intervalMs));
        for (qint64 row = 0; row < rows; ++row) {
            file += '\x83';
            for (int channel = 0; channel < 3; ++channel)
                file += real(value(m_sample, row, channel));
        }
        return file + '\xFF';
    }
    QByteArray soundFile() const
    {
        QByteArray file = head({"audio"}, "wav", m_intervalMs) + text("Ref-BINARY-i16  ") + '\xFF';
        const auto rows = static_cast<qint64>(std::llround(m_lengthMs / m_intervalMs));
        for (qint64 row = 0; row < rows; ++row) {
            const auto bits = static_cast<quint16>(sound(m_sample, row));
            file += static_cast<char>(bits & 0xFF);
            file += static_cast<char>(bits >> 8);
        }
        return file;
    }

    void wait(double milliseconds)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double, std::milli>(milliseconds);
        while (!m_stop && std::chrono::steady_clock::now() < end)
            ::poll(nullptr, 0, 5);
    }

    void send(const QByteArray& bytes) { writeToCable(m_fd, bytes, m_stop); }

    const int m_fd;
    const Options m_options;
    double m_intervalMs = 10;
    double m_lengthMs = 1000;
    std::atomic_int m_sample{0};
    QByteArray m_file;
    std::atomic_bool m_stop{false};
    std::thread m_thread; // last: it uses the others
};

} // namespace ember::test
