// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"

#include <QFrame>

namespace ember::gui {

class ThemeHub;

/// The keys of the page in view and those that work everywhere; any key or click closes it.
class KeysOverlay : public QFrame
{
    Q_OBJECT

public:
    KeysOverlay(const ThemeHub& theme, QWidget* window);

    void open(const QString& pageTitle, const QList<KeyHint>& pageKeys, const QList<KeyHint>& everywhere);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    const ThemeHub& m_theme;
};

} // namespace ember::gui
