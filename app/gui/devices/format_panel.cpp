// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/format_panel.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/widgets/build.h"
#include "core/formats/format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFontDatabase>
#include <QPlainTextEdit>

namespace ember::gui {
namespace {

constexpr int kPreviewHeight = 110;

QString titleOf(const QString& format)
{
    if (format == QLatin1String(device::kAgentFormat))
        return FormatPanel::tr("Emberlab agent");
    const auto found = formats::findFormat(format);
    return found ? (*found)->title() : format;
}

} // namespace

FormatPanel::FormatPanel(DeviceSession& devices, QWidget* parent)
    : QWidget(parent)
    , m_devices(devices)
    , m_choice(new QComboBox)
    , m_guess(makeLabel({}))
    , m_reason(makeLabel({}, "caption"))
    , m_preview(new QPlainTextEdit)
    , m_keepsBytes(new QCheckBox(tr("Keep every byte in a file")))
    , m_rawLog(makeLabel({}, "caption"))
{
    m_keepsBytes->setObjectName(QStringLiteral("keeps-bytes"));
    m_keepsBytes->setToolTip(tr("As it came, with its time, so that it can be decoded again in another way with "
                                "'emberlab record --port replay://FILE'; another choice connects again"));
    m_rawLog->setWordWrap(true);
    m_rawLog->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_rawLog->setObjectName(QStringLiteral("raw-log"));
    m_choice->setObjectName(QStringLiteral("format"));
    m_choice->setAccessibleName(tr("Format of the stream"));
    m_choice->setToolTip(tr("What the board on the port speaks; another choice connects again"));
    m_choice->addItem(tr("Find out by itself"), QString::fromLatin1(device::kAutoFormat));
    m_choice->addItem(titleOf(QString::fromLatin1(device::kAgentFormat)), QString::fromLatin1(device::kAgentFormat));
    for (const auto& format : formats::allFormats())
        m_choice->addItem(format->title(), format->name());
    m_guess->setWordWrap(true);
    m_guess->setObjectName(QStringLiteral("format-guess"));
    m_reason->setWordWrap(true);
    m_preview->setReadOnly(true);
    m_preview->setObjectName(QStringLiteral("format-preview"));
    m_preview->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_preview->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_preview->setFixedHeight(kPreviewHeight);
    m_preview->setPlaceholderText(tr("Nothing has come from the port yet."));

    auto* column = plainLayout<QVBoxLayout>(this, 6);
    column->addWidget(makeLabel(tr("Format"), "heading"));
    column->addWidget(m_choice);
    column->addWidget(m_guess);
    column->addWidget(m_reason);
    column->addWidget(m_preview);
    column->addWidget(m_keepsBytes);
    column->addWidget(m_rawLog);
    connect(m_choice, &QComboBox::activated, this, [this] { Q_EMIT formatChosen(chosenFormat()); });
    connect(m_keepsBytes, &QCheckBox::clicked, this, [this](bool keeps) {
        m_devices.keepBytes(keeps);
        Q_EMIT keepsBytesChosen(keeps);
    });
    refresh();
}

void FormatPanel::setKeepsBytes(bool keeps)
{
    m_keepsBytes->setChecked(keeps);
    m_devices.keepBytes(keeps);
}

QString FormatPanel::chosenFormat() const
{
    return m_choice->currentData().toString();
}

QString FormatPanel::guessText() const
{
    if (const auto& description = m_devices.description())
        return titleOf(description->format);
    const auto& report = m_devices.formatReport();
    if (!report || report->guesses.empty())
        return tr("Listening …");
    const formats::Guess& best = report->guesses.front();
    return best.score < formats::kLeastScore ? tr("No known format so far")
                                             : tr("Looks like: %1").arg(titleOf(best.format));
}

QString FormatPanel::reasonText() const
{
    if (const auto& description = m_devices.description())
        return description->formatReason.isEmpty() ? tr("It described itself.") : description->formatReason;
    const auto& report = m_devices.formatReport();
    return report && !report->guesses.empty() ? report->guesses.front().reason : QString();
}

void FormatPanel::refresh()
{
    const bool isPort = m_devices.state() != DeviceSession::State::Disconnected && !m_devices.isEmulated();
    setVisible(isPort);
    if (!isPort)
        return;
    m_guess->setText(guessText());
    m_reason->setText(reasonText());
    m_rawLog->setVisible(!m_devices.rawLog().isEmpty());
    m_rawLog->setText(tr("Into %1").arg(QDir::toNativeSeparators(m_devices.rawLog())));
    const auto& report = m_devices.formatReport();
    const QString lines = report ? report->lines.join(QLatin1Char('\n')) : QString();
    m_preview->setVisible(!m_devices.isStreaming() || report);
    if (lines != m_preview->toPlainText())
        m_preview->setPlainText(lines);
}

} // namespace ember::gui
