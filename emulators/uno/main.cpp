// SPDX-License-Identifier: GPL-3.0-or-later
// An Arduino Uno as a program: an ATmega328P (libsimavr) whose serial port is a socket or a pseudo-terminal, with a
// motion sensor on its two-wire bus that measures a recording.
#include "core/device/flash_image.h"
#include "emulators/uno/analog_input.h"
#include "emulators/uno/chip.h"
#include "emulators/uno/feed_client.h"
#include "emulators/uno/links.h"
#include "emulators/uno/motion_sensor.h"
#include "emulators/uno/serial_port.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>

#include <csignal>
#include <cstdio>
#include <poll.h>
#include <random>

namespace {

using namespace ember;
using namespace ember::uno;

volatile std::sig_atomic_t stopWanted = 0;

// The chip runs in slices of this many cycles (half a millisecond); between two of them bytes are moved.
constexpr quint64 kSliceCycles = Chip::kClockHz / 2000;
// A computer that cannot keep up makes the board slow, and never lets it run to catch up with more than this.
constexpr double kMaxLagSeconds = 0.25;

struct Options
{
    QString image;
    QString bootloader;
    QString socket;
    QString terminal;
    QString sensor;
    QString analog;
    QString analogSensor;
    double analogRate = 100;
    double speed = 1;
    bool paced = true;
    bool resetOnOpen = false;
};

/// How far the chip may have run by now.
class Pace
{
public:
    Pace(double speed, bool paced)
        : m_speed(speed)
        , m_paced(paced)
    {
        m_clock.start();
    }

    /// The milliseconds to wait before a slice may begin at `cycle`; 0: at once. A chip that is not paced runs as fast
    /// as it can when it works, and sleeps in real time.
    int wait(quint64 cycle, bool asleep)
    {
        const double elapsed = static_cast<double>(m_clock.nsecsElapsed()) * 1e-9;
        const double due = m_startSeconds + static_cast<double>(cycle) / static_cast<double>(Chip::kClockHz) / m_speed;
        const double ahead = due - elapsed;
        if (ahead < -kMaxLagSeconds || (!m_paced && !asleep))
            m_startSeconds -= ahead; // begins to count anew from here
        return ahead > 0 && (m_paced || asleep) ? static_cast<int>(ahead * 1e3) + 1 : 0;
    }

private:
    QElapsedTimer m_clock;
    double m_speed;
    bool m_paced;
    double m_startSeconds = 0; // when the chip's cycle 0 would have been
};

class Board
{
public:
    Board(std::unique_ptr<Chip> chip, const Options& options)
        : m_chip(std::move(chip))
        , m_port(*m_chip)
        , m_pace(options.speed, options.paced)
        , m_resetOnOpen(options.resetOnOpen)
    {}

    Status addLinks(const Options& options)
    {
        if (!options.socket.isEmpty()) {
            EMBER_TRY(auto link, listenOnSocket(options.socket));
            m_links.push_back(std::move(link));
        }
        if (!options.terminal.isEmpty()) {
            EMBER_TRY(auto link, openTerminal(options.terminal));
            m_links.push_back(std::move(link));
        }
        if (!options.analog.isEmpty()) {
            EMBER_TRY(m_analog, AnalogInput::attach(*m_chip, options.analog, options.analogRate));
        }
        if (!options.analogSensor.isEmpty()) {
            EMBER_TRY(auto feed, FeedClient::connect(options.analogSensor));
            EMBER_TRY(m_analog, AnalogInput::attach(*m_chip, std::move(feed)));
        }
        if (options.sensor.isEmpty())
            return {};
        EMBER_TRY(auto feed, FeedClient::connect(options.sensor));
        EMBER_TRY(m_sensor, MotionSensor::attach(*m_chip, std::move(feed)));
        return {};
    }

    Status run()
    {
        while (stopWanted == 0) {
            moveBytes();
            const int wait = m_pace.wait(m_chip->cycle(), m_chip->isAsleep());
            if (wait > 0) {
                std::vector<pollfd> fds;
                for (const auto& link : m_links)
                    link->addTo(fds);
                ::poll(fds.data(), fds.size(), std::min(wait, 5));
                if (m_pace.wait(m_chip->cycle(), m_chip->isAsleep()) > 1)
                    continue;
            }
            m_chip->runTo(m_chip->cycle() + kSliceCycles);
            if (const QString death = m_chip->death(); !death.isEmpty())
                return Error(ErrorKind::Failed, death);
        }
        return {};
    }

private:
    void moveBytes()
    {
        const QByteArray fromChip = m_port.take();
        for (const auto& link : m_links) {
            if (link->notice() && m_resetOnOpen)
                m_chip->reset();
            link->write(fromChip);
            if (m_port.room() <= 0)
                continue;
            const QByteArray bytes = link->read(m_port.room());
            if (!bytes.isEmpty())
                m_port.send(bytes);
        }
    }

    std::unique_ptr<Chip> m_chip;
    SerialPort m_port;
    std::vector<std::unique_ptr<Link>> m_links;
    std::unique_ptr<MotionSensor> m_sensor;
    std::unique_ptr<AnalogInput> m_analog;
    Pace m_pace;
    bool m_resetOnOpen;
};

Status start(const Options& options)
{
    EMBER_TRY(auto chip, Chip::powerUp(std::random_device{}()));
    if (!options.image.isEmpty()) {
        EMBER_TRY(const device::FlashImage image, device::readFlashImage(options.image));
        EMBER_CHECK(chip->program(image));
    }
    if (!options.bootloader.isEmpty()) {
        EMBER_TRY(const device::FlashImage boot, device::readFlashImage(options.bootloader));
        EMBER_CHECK(chip->program(boot));
        chip->bootFrom(boot.base);
        chip->reset();
    }
    Board board(std::move(chip), options);
    EMBER_CHECK(board.addLinks(options));
    return board.run();
}

Result<Options> parse(const QCoreApplication& app)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Emulates an Arduino Uno (ATmega328P at 16 MHz)."));
    parser.addPositionalArgument(QStringLiteral("image"), QStringLiteral("ELF or Intel hex file for the flash"),
                                 QStringLiteral("[image]"));
    const QCommandLineOption socket(QStringLiteral("socket"), QStringLiteral("The serial port as a UNIX socket."),
                                    QStringLiteral("path"));
    const QCommandLineOption terminal(QStringLiteral("pty"),
                                      QStringLiteral("The serial port as a pseudo-terminal, linked to this path."),
                                      QStringLiteral("path"));
    const QCommandLineOption sensor(QStringLiteral("sensor"),
                                    QStringLiteral("UNIX socket of the feed that the motion sensor measures."),
                                    QStringLiteral("path"));
    const QCommandLineOption analog(QStringLiteral("analog"),
                                    QStringLiteral("CSV file of volts at the analogue pins, header 'a0,a1,...'."),
                                    QStringLiteral("file"));
    const QCommandLineOption analogRate(QStringLiteral("analog-rate"), QStringLiteral("Rows of it in a second."),
                                        QStringLiteral("hertz"), QStringLiteral("100"));
    const QCommandLineOption analogSensor(QStringLiteral("analog-sensor"),
                                          QStringLiteral("UNIX socket of a feed of volts at the analogue pins."),
                                          QStringLiteral("path"));
    const QCommandLineOption bootloader(QStringLiteral("bootloader"),
                                        QStringLiteral("ELF or hex file for the boot section; resets start there."),
                                        QStringLiteral("file"));
    const QCommandLineOption reset(QStringLiteral("reset-on-open"),
                                   QStringLiteral("Opening the pseudo-terminal resets the board, as on a real Uno."));
    const QCommandLineOption speed(QStringLiteral("speed"),
                                   QStringLiteral("How much faster than real time the board's clock runs."),
                                   QStringLiteral("factor"), QStringLiteral("1"));
    const QCommandLineOption cycles(QStringLiteral("cycles"),
                                    QStringLiteral("Run as fast as this computer can: for counting cycles."));
    parser.addOptions({socket, terminal, sensor, analog, analogRate, analogSensor, bootloader, reset, speed, cycles});
    parser.addHelpOption();
    parser.process(app);

    Options options;
    options.image = parser.positionalArguments().value(0);
    options.bootloader = parser.value(bootloader);
    options.socket = parser.value(socket);
    options.terminal = parser.value(terminal);
    options.sensor = parser.value(sensor);
    options.analog = parser.value(analog);
    options.analogSensor = parser.value(analogSensor);
    options.analogRate = parser.value(analogRate).toDouble(); // 0 for nonsense, which is refused
    bool good = false;
    options.speed = parser.value(speed).toDouble(&good);
    options.paced = !parser.isSet(cycles);
    options.resetOnOpen = parser.isSet(reset);
    if (!good || !(options.speed > 0) || options.speed > 1000)
        return Error(ErrorKind::Usage, QStringLiteral("--speed wants a number above 0 and up to 1000."));
    if (options.image.isEmpty() && options.bootloader.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("Name an image or a bootloader; the flash would be empty."));
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    std::signal(SIGTERM, [](int) { stopWanted = 1; });
    std::signal(SIGINT, [](int) { stopWanted = 1; });
    std::signal(SIGPIPE, SIG_IGN);
    const auto options = parse(app);
    const Status status = options ? start(*options) : Status(options.error());
    if (status)
        return 0;
    std::fprintf(stderr, "emberlab-uno: %s\n", qUtf8Printable(status.error().toString()));
    return exitCodeFor(status.error().kind);
}
