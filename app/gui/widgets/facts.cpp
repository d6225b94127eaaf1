// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/facts.h"

#include "app/gui/widgets/build.h"

#include <QGridLayout>
#include <QScrollArea>

namespace ember::gui {
namespace {

constexpr int kMostNameWidth = 150; ///< leaves the values their half of the narrowest inspector

} // namespace

Facts::Facts(QWidget* parent)
    : QWidget(parent)
    , m_grid(plainLayout<QGridLayout>(this, 4))
{
    m_grid->setHorizontalSpacing(12);
    m_grid->setColumnStretch(1, 1);
}

void Facts::setFacts(const std::vector<Fact>& facts)
{
    if (facts.empty() != m_facts.empty())
        Q_EMIT emptyChanged(facts.empty());
    const bool sameNames = std::equal(facts.begin(), facts.end(), m_facts.begin(), m_facts.end(),
                                      [](const Fact& a, const Fact& b) { return a.name == b.name; });
    m_facts = facts;
    if (!sameNames) {
        while (QLayoutItem* item = m_grid->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        int row = 0;
        for (const Fact& fact : facts) {
            QLabel* name = makeLabel(fact.name, "muted");
            if (!fact.value.isEmpty()) // a sentence alone has the whole width
                name->setText(name->fontMetrics().elidedText(fact.name, Qt::ElideMiddle, kMostNameWidth));
            name->setToolTip(name->text() == fact.name ? QString() : fact.name);
            m_grid->addWidget(name, row, 0, Qt::AlignTop);
            QLabel* value = makeLabel({});
            value->setWordWrap(true);
            value->setAlignment(Qt::AlignRight | Qt::AlignTop);
            value->setTextInteractionFlags(Qt::TextSelectableByMouse);
            m_grid->addWidget(value, row, 1);
            ++row;
        }
    }
    for (std::size_t i = 0; i < facts.size(); ++i) {
        auto* value = qobject_cast<QLabel*>(m_grid->itemAtPosition(static_cast<int>(i), 1)->widget());
        value->setText(facts[i].value);
        setStyleProperty(value, "role", QLatin1String(facts[i].tone));
    }
}

QString Facts::value(const QString& name) const
{
    for (const Fact& fact : m_facts) {
        if (fact.name == name)
            return fact.value;
    }
    return {};
}

Inspector::Inspector(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(makeLabel(title, "section"))
    , m_column(new QVBoxLayout)
{
    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    content->setLayout(m_column);
    m_column->setContentsMargins(16, 12, 16, 16);
    m_column->setSpacing(8);
    m_title->setWordWrap(true);
    m_title->setMinimumWidth(1); // one long word must not push the numbers out of sight
    m_column->addWidget(m_title);

    auto* frame = makeFrame("panel");
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    scroll->setFocusPolicy(Qt::NoFocus);
    plainLayout<QVBoxLayout>(frame, 0)->addWidget(scroll);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(frame);
    setMinimumWidth(240);
}

void Inspector::setTitle(const QString& title)
{
    m_title->setText(title);
}

void Inspector::addSection(const QString& heading, QWidget* content)
{
    if (!heading.isEmpty()) {
        m_column->addSpacing(8);
        auto* line = makeLabel(heading, "heading");
        m_column->addWidget(line);
        if (auto* facts = qobject_cast<Facts*>(content)) {
            line->setHidden(facts->isEmpty());
            connect(facts, &Facts::emptyChanged, line, &QWidget::setHidden);
        }
    }
    m_column->addWidget(content);
}

void Inspector::addStretch()
{
    m_column->addStretch(1);
}

} // namespace ember::gui
