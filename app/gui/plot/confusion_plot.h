// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"

#include <QStringList>
#include <QWidget>

#include <optional>
#include <vector>

namespace ember::gui {

class ThemeHub;

/// Counts of (true class, predicted class). A value.
struct ConfusionTable
{
    QStringList classNames;
    std::vector<qint64> counts; ///< classes x classes, row = true class

    int classes() const { return static_cast<int>(classNames.size()); }
    qint64 count(int truth, int predicted) const
    {
        return counts[static_cast<std::size_t>(truth * classes() + predicted)];
    }
    qint64 rowTotal(int truth) const;
    double share(int truth, int predicted) const; ///< of the row; 0 for an empty row
};

/// A confusion matrix: one hue by row share, counts and shares as text. Click selects a cell. GUI thread.
class ConfusionPlot : public QWidget
{
    Q_OBJECT

public:
    explicit ConfusionPlot(const ThemeHub& theme, QWidget* parent = nullptr);

    void setTable(const ConfusionTable& table);
    void setCommandLine(const QString& commandLine) { m_commandLine = commandLine; }
    Exportable exportable();
    /// Ground and text of a cell, for the contrast test too.
    struct CellColours
    {
        QColor ground;
        QColor text;
    };
    static CellColours cellColours(const ThemeHub& theme, double share);

    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

Q_SIGNALS:
    void cellClicked(int truth, int predicted);

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    struct Geometry
    {
        QRectF cells;
        double width = 0; ///< of a cell
        double height = 0;
    };
    Geometry geometryFor(QSize size) const;
    std::optional<QPoint> cellAt(const QPointF& at) const; ///< x predicted, y true
    void paintInto(QPainter& painter, QSize size) const;
    void paintCell(QPainter& painter, const QRectF& area, int truth, int predicted) const;
    int labelWidth() const;

    const ThemeHub& m_theme;
    ConfusionTable m_table;
    QString m_commandLine;
    std::optional<QPoint> m_selected;
};

} // namespace ember::gui
