// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QSize>
#include <QString>

#include <functional>

class QMenu;
class QPainter;
class QTableView;
class QWidget;

namespace ember::gui {

/// What the right button offers on every plot and table: copy, export as PNG, SVG and CSV, copy as command line.
struct Exportable
{
    QWidget* view = nullptr;
    QString name;                                   ///< of suggested files: "confusion"
    std::function<void(QPainter&, QSize)> paint;    ///< the view as a picture; empty: no pictures
    std::function<QString()> csv;                   ///< the data behind it, with a header row; empty: no table
    std::function<QString()> commandLine = nullptr; ///< how to get the same on the command line; empty: no entry
};

void fillExportMenu(QMenu& menu, const Exportable& source);

// The parts of it, for tests and other callers. Errors: Io with the path.
Status exportPng(const Exportable& source, const QString& path);
Status exportSvg(const Exportable& source, const QString& path);
Status exportCsv(const Exportable& source, const QString& path);

/// Fields joined into one CSV line, quoted where needed.
QString csvLine(const QStringList& fields);

/// What a table view shows, in its order, as CSV.
QString tableCsv(const QTableView& table);

/// Gives the table the right-button menu; `commandLine` may be empty.
void addTableMenu(QTableView* table, const QString& name, std::function<QString()> commandLine = nullptr,
                  std::function<void(QMenu&)> addActions = nullptr);

} // namespace ember::gui
