// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/export_menu.h"
#include "app/gui/plot/qcustomplot.h"

namespace ember::gui {

class ThemeHub;

/// A QCustomPlot in the colours of the theme, with the right-button menu that every plot has. GUI thread.
class ThemedPlot : public QCustomPlot
{
    Q_OBJECT

public:
    explicit ThemedPlot(const ThemeHub& theme, QWidget* parent = nullptr);

    void setExportName(const QString& name) { m_exportName = name; }
    void setCommandLine(const QString& commandLine) { m_commandLine = commandLine; }
    Exportable exportable();

    /// The data that is shown, with a header row.
    virtual QString csv() const = 0;

protected:
    const ThemeHub& theme() const { return m_theme; }
    void styleAxis(QCPAxis* axis) const;
    void styleRect(QCPAxisRect* rect) const;
    /// Called now and at each change of theme; calls styleRect for every axis rect.
    virtual void applyTheme();
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    const ThemeHub& m_theme;
    QString m_exportName = QStringLiteral("plot");
    QString m_commandLine;
};

} // namespace ember::gui
