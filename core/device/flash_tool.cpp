// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flash_tool.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <cmath>

namespace ember::device {
namespace {

constexpr qsizetype kQuotedBytes = 1500;

bool isWord(const QString& text)
{
    static const QRegularExpression pattern(QStringLiteral("^[A-Za-z0-9_./:][A-Za-z0-9_./:-]{0,127}$"));
    return pattern.match(text).hasMatch();
}

} // namespace

const std::vector<const FlashTool*>& flashTools()
{
    static const std::vector<const FlashTool*> tools = {&openocdTool(), &stFlashTool(), &stm32flashTool(),
                                                        &dfuUtilTool(), &bossacTool(),  &picotoolTool(),
                                                        &esptoolTool()};
    return tools;
}

QString UploadOptions::word(const char* key, bool required)
{
    const QJsonValue value = m_board.upload.options.value(QLatin1String(key));
    if (value.isUndefined() && !required)
        return {};
    if (!isWord(value.toString()))
        fail(key, value.isUndefined() ? QStringLiteral("is missing") : QStringLiteral("is not a plain word"));
    return value.toString();
}

QStringList UploadOptions::words(const char* key)
{
    const QJsonArray items = m_board.upload.options.value(QLatin1String(key)).toArray();
    if (items.isEmpty())
        fail(key, QStringLiteral("is missing: a list of words"));
    QStringList list;
    for (const QJsonValue& item : items) {
        if (!isWord(item.toString()))
            fail(key, QStringLiteral("holds something that is not a plain word"));
        list << item.toString();
    }
    return list;
}

int UploadOptions::number(const char* key, int least, int most, int fallback)
{
    const QJsonValue value = m_board.upload.options.value(QLatin1String(key));
    if (value.isUndefined())
        return fallback;
    const double number = value.toDouble(std::nan(""));
    if (!(number >= least && number <= most) || number != std::floor(number)) {
        fail(key, QStringLiteral("is not a whole number from %1 to %2").arg(least).arg(most));
        return fallback;
    }
    return static_cast<int>(number);
}

quint32 UploadOptions::address(const char* key, quint32 fallback)
{
    const QJsonValue value = m_board.upload.options.value(QLatin1String(key));
    if (value.isUndefined())
        return fallback;
    bool ok = false;
    const quint32 address = value.toString().toUInt(&ok, 0);
    if (!ok)
        fail(key, QStringLiteral("is not an address like \"0x2000\""));
    return address;
}

bool UploadOptions::flag(const char* key)
{
    const QJsonValue value = m_board.upload.options.value(QLatin1String(key));
    if (!value.isUndefined() && !value.isBool())
        fail(key, QStringLiteral("is neither true nor false"));
    return value.toBool();
}

Status UploadOptions::status() const
{
    if (m_problem.isEmpty())
        return {};
    return Error(
        ErrorKind::BadData,
        QStringLiteral("The board file of %1 does not say how it is flashed: %2.").arg(m_board.name, m_problem),
        QStringLiteral("docs/adding-a-board.md has the options of each method."));
}

void UploadOptions::fail(const char* key, const QString& what)
{
    if (m_problem.isEmpty())
        m_problem = QStringLiteral("'upload.%1' %2").arg(QLatin1String(key), what);
}

QString hexAddress(quint32 address)
{
    return QStringLiteral("0x%1").arg(address, 8, 16, QLatin1Char('0'));
}

std::optional<double> percentIn(const QByteArray& line)
{
    const qsizetype end = line.indexOf('%');
    if (end < 0)
        return {};
    qsizetype number = end;
    while (number > 0 && line[number - 1] == ' ')
        --number;
    qsizetype begin = number;
    while (begin > 0 && ((line[begin - 1] >= '0' && line[begin - 1] <= '9') || line[begin - 1] == '.'))
        --begin;
    bool ok = false;
    const double value = line.mid(begin, number - begin).toDouble(&ok);
    if (!ok || value > 100)
        return {};
    return value;
}

QString lastWords(const QByteArray& said)
{
    QByteArray kept;
    for (const QByteArray& raw : QByteArray(said).replace('\r', '\n').split('\n')) {
        const QByteArray line = raw.trimmed();
        if (!line.isEmpty())
            kept += line + '\n';
    }
    return QString::fromUtf8(kept.trimmed().right(kQuotedBytes));
}

Error noPermissionForUsb(const FlashJob& job)
{
    return Error(
        ErrorKind::Board, QStringLiteral("You may not use the USB device of %1.").arg(job.board.name),
        QStringLiteral("Let your group have it with a rule in /etc/udev/rules.d (the tool's package brings one, "
                       "or names it), then plug the board in again."));
}

Error portBusy(const QString& port)
{
    return Error(ErrorKind::Board, QStringLiteral("The port %1 is in use by another program.").arg(port),
                 QStringLiteral("Close the program that has it open: a serial monitor, or a recording."));
}

Error flashDiffers(const FlashJob& job, const QByteArray& said)
{
    return Error(ErrorKind::Board,
                 QStringLiteral("The flash of %1 differs from the image after writing.").arg(job.board.name),
                 QStringLiteral("Flash again; if it happens again, the chip's flash is worn out. The tool said: %1")
                     .arg(lastWords(said)));
}

Error nobodyAnswers(const FlashJob& job, const QString& hint)
{
    const QString where = job.port.isEmpty() ? QString() : QStringLiteral(" at %1").arg(job.port);
    return Error(ErrorKind::Board, QStringLiteral("%1 was not found%2.").arg(job.board.name, where), hint);
}

} // namespace ember::device
