// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace ember::gui {

struct KeyHint;

/// Keys and what they do, along the edge of a page: as many as fit, whole ones only. The overlay at '?' has them all.
class KeyLine : public QWidget
{
    Q_OBJECT

public:
    /// `indent`: pixels before the first; `gap`: between a key and its meaning.
    KeyLine(const QList<KeyHint>& hints, int indent, int gap, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Hint
    {
        QWidget* key;
        QWidget* meaning;
    };

    QList<Hint> m_hints;
    int m_indent;
    int m_gap;
};

} // namespace ember::gui
