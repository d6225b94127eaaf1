// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/analog_input.h"

#include <QFile>

#include <algorithm>
#include <cmath>

namespace ember::uno {
namespace {

constexpr qint64 kMaxFileBytes = 64 * 1024 * 1024;
constexpr int kPins = 6;
constexpr double kSupplyVolts = 5;
constexpr double kFastestHz = 100'000;
// A row that the feed does not have yet is asked for again so much later.
constexpr quint64 kTryAgainCycles = Chip::kClockHz / 1000;

Error bad(const QString& file, int line, const QString& why)
{
    return Error(
        ErrorKind::BadData, QStringLiteral("'%1' cannot be used: line %2: %3.").arg(file).arg(line).arg(why),
        QStringLiteral("The first line names pins, such as 'a0,a1'; each of the others holds volts from 0 to 5."));
}

/// The number of an analogue pin by its name; -1: it is none.
int pinNamed(const QByteArray& name)
{
    const int pin = name.size() == 2 && name[0] == 'a' ? name[1] - '0' : -1;
    return pin < kPins ? pin : -1;
}

Result<std::vector<int>> pinsOf(const QByteArray& header, const QString& file)
{
    std::vector<int> pins;
    for (const QByteArray& raw : header.split(',')) {
        const QByteArray name = raw.trimmed().toLower();
        const int pin = pinNamed(name);
        if (pin < 0)
            return bad(file, 1, QStringLiteral("'%1' is no analogue pin").arg(QString::fromUtf8(name.left(20))));
        pins.push_back(pin);
    }
    return pins;
}

} // namespace

Result<std::unique_ptr<AnalogInput>> AnalogInput::attach(Chip& chip, const QString& csvFile, double rateHz)
{
    if (!(rateHz > 0) || rateHz > kFastestHz)
        return Error(ErrorKind::Usage,
                     QStringLiteral("--analog-rate wants a number above 0 and up to %1.").arg(kFastestHz));
    QFile file(csvFile);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(csvFile, file.errorString()));
    if (file.size() > kMaxFileBytes)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is far too long.").arg(csvFile));
    EMBER_TRY(std::vector<int> pins, pinsOf(file.readLine(), csvFile));
    std::vector<quint32> millivolts;
    for (int number = 2; !file.atEnd(); ++number) {
        const QByteArray line = file.readLine().trimmed();
        if (line.isEmpty())
            continue;
        const QList<QByteArray> cells = line.split(',');
        if (cells.size() != static_cast<qsizetype>(pins.size()))
            return bad(csvFile, number, QStringLiteral("it has %1 values").arg(cells.size()));
        for (const QByteArray& cell : cells) {
            bool good = false;
            const double volts = cell.trimmed().toDouble(&good);
            if (!good || !(volts >= 0 && volts <= kSupplyVolts))
                return bad(csvFile, number, QStringLiteral("'%1' is no voltage").arg(QString::fromUtf8(cell.left(20))));
            millivolts.push_back(static_cast<quint32>(std::lround(volts * 1000)));
        }
    }
    if (millivolts.empty())
        return bad(csvFile, 2, QStringLiteral("there are no rows"));
    std::unique_ptr<AnalogInput> input(new AnalogInput(chip, std::move(pins), rateHz));
    input->m_millivolts = std::move(millivolts);
    input->m_timer.startIn(1);
    chip.onReset([self = input.get()] { self->m_timer.startIn(1); }); // a reset stops timers, not the world
    return input;
}

Result<std::unique_ptr<AnalogInput>> AnalogInput::attach(Chip& chip, std::unique_ptr<FeedClient> feed)
{
    std::vector<int> pins;
    std::vector<double> factors;
    for (const FeedChannel& channel : feed->channels()) {
        const int named = pinNamed(channel.name.toLower().toUtf8());
        const int pin = named >= 0 ? named : static_cast<int>(pins.size());
        const bool milli = channel.unit == QLatin1String("mV");
        if (pin >= kPins || (!milli && channel.unit != QLatin1String("V")))
            return Error(
                ErrorKind::Unsupported,
                QStringLiteral("'%1' in '%2' is nothing for an analogue input.").arg(channel.name, channel.unit),
                QStringLiteral("Play it up to six channels in V or mV, called a0 to a5 or in their order."));
        pins.push_back(pin);
        factors.push_back(milli ? 1 : 1000);
    }
    std::unique_ptr<AnalogInput> input(new AnalogInput(chip, std::move(pins), feed->rateHz()));
    input->m_feed = std::move(feed);
    input->m_factors = std::move(factors);
    avr_irq_register_notify(
        avr_io_getirq(chip.avr(), AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER),
        [](avr_irq_t*, uint32_t, void* self) { static_cast<AnalogInput*>(self)->onConversion(); }, input.get());
    chip.onReset([self = input.get()] { self->m_playing = false; });
    return input;
}

AnalogInput::AnalogInput(Chip& chip, std::vector<int> pins, double rateHz)
    : m_chip(chip)
    , m_pins(std::move(pins))
    , m_period(static_cast<quint64>(std::llround(static_cast<double>(Chip::kClockHz) / rateHz)))
    , m_timer(chip, [this] { return nextRow(); })
{}

void AnalogInput::onConversion()
{
    if (m_playing)
        return;
    m_playing = bool(m_feed->start());
    if (const quint64 cycles = nextOfFeed(); cycles > 0)
        m_timer.startIn(cycles);
}

quint64 AnalogInput::nextRow()
{
    return m_feed ? nextOfFeed() : nextOfTable();
}

quint64 AnalogInput::nextOfFeed()
{
    switch (m_feed->nextIfThere(m_row)) {
    case FeedClient::Row::Ended:
        return 0;
    case FeedClient::Row::NotYet:
        return kTryAgainCycles;
    case FeedClient::Row::Taken:
        break;
    }
    for (size_t i = 0; i < m_pins.size(); ++i)
        setPin(m_pins[i], m_row[i] * m_factors[i]);
    return m_period;
}

quint64 AnalogInput::nextOfTable()
{
    for (const int pin : m_pins) {
        setPin(pin, m_millivolts[m_at]);
        m_at = (m_at + 1) % m_millivolts.size();
    }
    return m_period;
}

void AnalogInput::setPin(int pin, double millivolts)
{
    const double bounded = std::clamp(millivolts, 0.0, kSupplyVolts * 1000);
    avr_raise_irq(avr_io_getirq(m_chip.avr(), AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + pin),
                  static_cast<uint32_t>(std::lround(bounded)));
}

} // namespace ember::uno
