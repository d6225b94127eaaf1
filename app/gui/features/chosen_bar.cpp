// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/chosen_bar.h"

#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "core/base/quantity.h"

#include <QInputDialog>
#include <QMenu>

#include <algorithm>

namespace ember::gui {
namespace {

/// "walking 200, standing 112", the most first.
QString classesOf(const ExplorerData& data, const std::vector<std::size_t>& rows)
{
    std::vector<std::pair<qint64, QString>> counts;
    for (const QString& name : data.set.windows.classNames)
        counts.emplace_back(0, name);
    for (const std::size_t row : rows) {
        const auto label = static_cast<std::size_t>(data.window(row).label);
        if (label < counts.size())
            ++counts[label].first;
    }
    std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    QStringList texts;
    for (const auto& [count, name] : counts) {
        if (count > 0)
            texts << QStringLiteral("%1 %2").arg(name, formatCount(count));
    }
    return texts.join(QStringLiteral(", "));
}

} // namespace

ChosenBar::ChosenBar(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_text(makeLabel({}, "muted"))
    , m_label(makeButton(tr("Label as…"), "", QStringLiteral("label")))
    , m_menu(new QMenu(this))
    , m_open(makeButton(tr("Open on the timeline")))
{
    m_text->setObjectName(QStringLiteral("chosen-text"));
    m_text->setMinimumWidth(1); // many classes must not push the buttons out of sight
    m_label->setObjectName(QStringLiteral("chosen-label"));
    m_label->setToolTip(tr("Gives the rows of the chosen windows a label; undo takes it back"));
    m_label->setMenu(m_menu);
    m_open->setObjectName(QStringLiteral("chosen-open"));
    m_open->setToolTip(tr("The current window, or the first of the chosen ones (double click, Enter)"));
    auto* row = plainLayout<QHBoxLayout>(this, context.theme.metrics().s);
    row->addWidget(m_text, 1);
    row->addWidget(m_label);
    row->addWidget(m_open);
    connect(m_menu, &QMenu::aboutToShow, this, &ChosenBar::fillLabelMenu);
    connect(m_open, &QPushButton::clicked, this, &ChosenBar::openClicked);
    clear();
}

void ChosenBar::clear()
{
    m_text->clear();
    m_label->setEnabled(false);
    m_open->setEnabled(false);
}

void ChosenBar::show(const ExplorerData& of, const std::vector<std::size_t>& rows, const QString& note)
{
    if (rows.empty()) {
        clear();
        m_text->setText(note);
        return;
    }
    const auto count = static_cast<qint64>(rows.size());
    m_text->setText(count == 1 ? tr("1 window chosen: %1").arg(classesOf(of, rows))
                               : tr("%1 windows chosen: %2").arg(formatCount(count), classesOf(of, rows)));
    m_text->setToolTip(m_text->text());
    m_label->setEnabled(m_context.project.isWritable());
    m_open->setEnabled(true);
}

QString ChosenBar::text() const
{
    return m_text->text();
}

void ChosenBar::fillLabelMenu()
{
    m_menu->clear();
    const auto& labels = m_context.project.project().labels();
    if (const auto set = labels.findSet(QString::fromLatin1(dataset::kDefaultLabelSet))) {
        for (const dataset::Label& label : labels.labels(set->id).value_or(std::vector<dataset::Label>{})) {
            m_menu->addAction(label.name, this, [this, name = label.name] { Q_EMIT labelWanted(name); });
        }
    }
    m_menu->addSeparator();
    m_menu->addAction(tr("New label…"), this, &ChosenBar::askForLabel);
}

void ChosenBar::askForLabel()
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("New label"));
    dialog->setLabelText(tr("Name of the label"));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString& name) {
        if (!name.trimmed().isEmpty())
            Q_EMIT labelWanted(name.trimmed());
    });
    dialog->open();
}

} // namespace ember::gui
