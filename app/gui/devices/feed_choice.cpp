// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/feed_choice.h"

#include "core/base/resources.h"

#include <QDir>
#include <QFileDialog>

namespace ember::gui {
namespace {

constexpr int kFeedWidth = 220;
constexpr char kAsk[] = "?"; // the entry that opens a dialog

} // namespace

FeedChoice::FeedChoice(UiSettings& settings, const Setting<QString>& setting, bool optional, QWidget* parent)
    : QComboBox(parent)
    , m_settings(settings)
    , m_setting(setting)
{
    setFixedWidth(kFeedWidth);
    if (optional)
        addItem(tr("nothing"), QString());
    addDemoFiles();
    const QString last = settings.get(setting);
    if (!last.isEmpty() && findData(last) < 0 && QFileInfo::exists(last))
        addItem(QFileInfo(last).fileName(), last);
    if (findData(last) >= 0)
        setCurrentIndex(findData(last));
    addItem(tr("Choose a file…"), QString::fromLatin1(kAsk));
    m_before = currentIndex();
    connect(this, &QComboBox::activated, this, [this](int index) {
        if (currentData().toString() == QLatin1String(kAsk)) {
            chooseFile();
            return;
        }
        m_before = index;
        m_settings.set(m_setting, file());
    });
}

void FeedChoice::addDemoFiles()
{
    const auto demo = resourcePath(QStringLiteral("demo-data"));
    if (!demo)
        return;
    for (const QFileInfo& set : QDir(*demo).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        for (const QFileInfo& file :
             QDir(set.filePath()).entryInfoList({QStringLiteral("*.csv")}, QDir::Files, QDir::Name))
            addItem(set.fileName() + QStringLiteral(" / ") + file.completeBaseName(), file.filePath());
    }
}

QString FeedChoice::file() const
{
    const QString chosen = currentData().toString();
    return chosen == QLatin1String(kAsk) ? QString() : chosen;
}

void FeedChoice::chooseFile()
{
    auto* dialog = new QFileDialog(this, tr("Recording for the emulated sensor"), {},
                                   tr("Recordings (*.csv *.npy);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        insertItem(0, QFileInfo(path).fileName(), path);
        setCurrentIndex(0);
        m_before = 0;
        m_settings.set(m_setting, path);
    });
    // Without a choice the entry that opened the dialog must not stay chosen.
    connect(dialog, &QFileDialog::rejected, this, [this] { setCurrentIndex(m_before); });
    dialog->open();
}

} // namespace ember::gui
