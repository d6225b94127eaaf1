// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/trash_question.h"

#include "core/base/quantity.h"

#include <QMessageBox>
#include <QPushButton>

namespace ember::gui {

void askToEmptyTrash(QWidget* parent, qint64 recordings, std::function<void()> confirmed)
{
    auto* box = new QMessageBox(QMessageBox::Warning, QObject::tr("Empty the trash"),
                                QObject::tr("Delete %1 with samples and labels for good? This cannot be undone.")
                                    .arg(countOf(recordings, QObject::tr("recording"))),
                                QMessageBox::Cancel, parent);
    box->setObjectName(QStringLiteral("empty-trash"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    const QPushButton* remove = box->addButton(QObject::tr("Delete"), QMessageBox::DestructiveRole);
    QObject::connect(remove, &QPushButton::clicked, parent, std::move(confirmed));
    box->open();
}

} // namespace ember::gui
