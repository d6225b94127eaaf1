// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/export_menu.h"

#include "app/gui/theme/icons.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QTableView>

namespace ember::gui {
namespace {

// Pictures for documents are wanted sharper than a screen shows them.
constexpr qreal kExportScale = 2.0;

QImage picture(const Exportable& source)
{
    const QSize size = source.view->size();
    QImage image(size * kExportScale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kExportScale);
    image.fill(source.view->palette().color(QPalette::Base));
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    source.paint(painter, size);
    return image;
}

Error notWritten(const QString& path, const QString& why)
{
    return Error(ErrorKind::Io, QStringLiteral("'%1' was not written: %2.").arg(path, why),
                 QStringLiteral("Choose a folder you can write to."));
}

void askAndExport(const Exportable& source, const QString& suffix,
                  Status (*exporter)(const Exportable&, const QString&))
{
    auto* dialog = new QFileDialog(source.view, QObject::tr("Export"), source.name + QLatin1Char('.') + suffix,
                                   QStringLiteral("%1 (*.%2)").arg(suffix.toUpper(), suffix));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    QObject::connect(dialog, &QFileDialog::fileSelected, source.view, [source, exporter](const QString& path) {
        const Status done = exporter(source, path);
        if (done)
            return;
        auto* box = new QMessageBox(QMessageBox::Warning, QObject::tr("Export"), done.error().toString(),
                                    QMessageBox::Close, source.view);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    });
    dialog->open();
}

} // namespace

Status exportPng(const Exportable& source, const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !picture(source).save(&file, "PNG") || !file.commit())
        return notWritten(path, file.errorString());
    return {};
}

Status exportSvg(const Exportable& source, const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return notWritten(path, file.errorString());
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(source.view->size());
    generator.setViewBox(source.view->rect());
    generator.setTitle(source.name);
    QPainter painter(&generator);
    source.paint(painter, source.view->size());
    painter.end();
    return file.commit() ? Status() : Status(notWritten(path, file.errorString()));
}

Status exportCsv(const Exportable& source, const QString& path)
{
    QSaveFile file(path);
    const QByteArray bytes = source.csv().toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return notWritten(path, file.errorString());
    return {};
}

void fillExportMenu(QMenu& menu, const Exportable& source)
{
    QClipboard* clipboard = QGuiApplication::clipboard();
    if (source.paint) {
        menu.addAction(icon(QStringLiteral("copy")), QObject::tr("Copy picture"), source.view,
                       [source, clipboard] { clipboard->setImage(picture(source)); });
    }
    if (source.csv) {
        menu.addAction(icon(QStringLiteral("copy")), QObject::tr("Copy data"), source.view,
                       [source, clipboard] { clipboard->setText(source.csv()); });
    }
    menu.addSeparator();
    if (source.paint) {
        menu.addAction(icon(QStringLiteral("export")), QObject::tr("Export PNG…"), source.view,
                       [source] { askAndExport(source, QStringLiteral("png"), exportPng); });
        menu.addAction(icon(QStringLiteral("export")), QObject::tr("Export SVG…"), source.view,
                       [source] { askAndExport(source, QStringLiteral("svg"), exportSvg); });
    }
    if (source.csv) {
        menu.addAction(icon(QStringLiteral("export")), QObject::tr("Export CSV…"), source.view,
                       [source] { askAndExport(source, QStringLiteral("csv"), exportCsv); });
    }
    if (source.commandLine && !source.commandLine().isEmpty()) {
        menu.addSeparator();
        menu.addAction(icon(QStringLiteral("terminal")), QObject::tr("Copy as command line"), source.view,
                       [source, clipboard] { clipboard->setText(source.commandLine()); });
    }
}

QString csvLine(const QStringList& fields)
{
    QStringList quoted;
    for (QString field : fields) {
        const bool needsQuotes =
            field.contains(QLatin1Char(',')) || field.contains(QLatin1Char('"')) || field.contains(QLatin1Char('\n'));
        if (needsQuotes)
            field = QLatin1Char('"') + field.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
        quoted << field;
    }
    return quoted.join(QLatin1Char(',')) + QLatin1Char('\n');
}

QString tableCsv(const QTableView& table)
{
    const QAbstractItemModel* model = table.model();
    const auto columns = [&table, model] {
        QList<int> shown;
        for (int visual = 0; visual < model->columnCount(); ++visual) {
            const int logical = table.horizontalHeader()->logicalIndex(visual);
            if (!table.isColumnHidden(logical))
                shown << logical;
        }
        return shown;
    }();
    QStringList head;
    for (const int column : columns)
        head << model->headerData(column, Qt::Horizontal).toString();
    QString text = csvLine(head);
    for (int row = 0; row < model->rowCount(); ++row) {
        QStringList fields;
        for (const int column : columns)
            fields << model->index(row, column).data().toString();
        text += csvLine(fields);
    }
    return text;
}

void addTableMenu(QTableView* table, const QString& name, std::function<QString()> commandLine,
                  std::function<void(QMenu&)> addActions)
{
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    const Exportable source{table, name, nullptr, [table] { return tableCsv(*table); }, std::move(commandLine)};
    QObject::connect(table, &QWidget::customContextMenuRequested, table, [table, source, addActions](const QPoint& at) {
        auto* menu = new QMenu(table);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        if (addActions)
            addActions(*menu);
        fillExportMenu(*menu, source);
        menu->popup(table->viewport()->mapToGlobal(at));
    });
}

} // namespace ember::gui
