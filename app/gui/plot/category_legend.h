// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/category.h"

#include <QListWidget>

#include <vector>

namespace ember::gui {

class ThemeHub;

/// The kinds of points with their number. A click or Space hides one and shows it again; a double click shows it alone,
/// or all again. GUI thread.
class CategoryLegend : public QListWidget
{
    Q_OBJECT

public:
    explicit CategoryLegend(const ThemeHub& theme, QWidget* parent = nullptr);

    void setCategories(std::vector<Category> categories);

Q_SIGNALS:
    void hiddenChanged(int category, bool hidden);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void set(int category, bool hidden);
    void showAlone(int category);
    void refresh(int category);

    const ThemeHub& m_theme;
    std::vector<Category> m_categories;
};

} // namespace ember::gui
