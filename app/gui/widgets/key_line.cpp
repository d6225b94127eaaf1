// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/key_line.h"

#include "app/gui/shell/page.h"
#include "app/gui/widgets/build.h"

#include <algorithm>

namespace ember::gui {

KeyLine::KeyLine(const QList<KeyHint>& hints, int indent, int gap, QWidget* parent)
    : QWidget(parent)
    , m_indent(indent)
    , m_gap(gap)
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    for (const KeyHint& hint : hints)
        m_hints.append(Hint{makeLabel(hint.keys, "key", this), makeLabel(hint.meaning, "caption", this)});
}

QSize KeyLine::sizeHint() const
{
    int height = 0;
    for (const Hint& hint : m_hints)
        height = std::max(height, hint.key->sizeHint().height());
    return {m_indent, height};
}

QSize KeyLine::minimumSizeHint() const
{
    return {1, sizeHint().height()};
}

void KeyLine::resizeEvent(QResizeEvent*)
{
    int x = m_indent;
    bool fits = true;
    for (const Hint& hint : m_hints) {
        const QSize key = hint.key->sizeHint();
        const QSize meaning = hint.meaning->sizeHint();
        fits = fits && x + key.width() + m_gap + meaning.width() <= width();
        hint.key->setGeometry(x, (height() - key.height()) / 2, key.width(), key.height());
        hint.meaning->setGeometry(x + key.width() + m_gap, (height() - meaning.height()) / 2, meaning.width(),
                                  meaning.height());
        hint.key->setVisible(fits);
        hint.meaning->setVisible(fits);
        x += key.width() + 4 * m_gap + meaning.width();
    }
}

} // namespace ember::gui
