// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulators/uno/analog_input.h"

#include <QFile>

#include <cmath>

namespace ember::uno {
namespace {

constexpr qint64 kMaxFileBytes = 64 * 1024 * 1024;
constexpr int kPins = 6;
constexpr double kSupplyVolts = 5;
constexpr double kFastestHz = 100'000;

Error bad(const QString& file, int line, const QString& why)
{
    return Error(
        ErrorKind::BadData, QStringLiteral("'%1' cannot be used: line %2: %3.").arg(file).arg(line).arg(why),
        QStringLiteral("The first line names pins, such as 'a0,a1'; each of the others holds volts from 0 to 5."));
}

Result<std::vector<int>> pinsOf(const QByteArray& header, const QString& file)
{
    std::vector<int> pins;
    for (const QByteArray& raw : header.split(',')) {
        const QByteArray name = raw.trimmed().toLower();
        const int pin = name.size() == 2 && name[0] == 'a' ? name[1] - '0' : -1;
        if (pin < 0 || pin >= kPins)
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
    return std::unique_ptr<AnalogInput>(new AnalogInput(chip, std::move(pins), std::move(millivolts), rateHz));
}

AnalogInput::AnalogInput(Chip& chip, std::vector<int> pins, std::vector<quint32> millivolts, double rateHz)
    : m_chip(chip)
    , m_pins(std::move(pins))
    , m_millivolts(std::move(millivolts))
    , m_period(static_cast<quint64>(std::llround(static_cast<double>(Chip::kClockHz) / rateHz)))
    , m_timer(chip, [this] { return nextRow(); })
{
    m_timer.startIn(1);
    chip.onReset([this] { m_timer.startIn(1); }); // a reset stops timers, not the world
}

quint64 AnalogInput::nextRow()
{
    for (const int pin : m_pins) {
        avr_raise_irq(avr_io_getirq(m_chip.avr(), AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + pin), m_millivolts[m_at]);
        m_at = (m_at + 1) % m_millivolts.size();
    }
    return m_period;
}

} // namespace ember::uno
