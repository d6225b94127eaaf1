// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/trash_question.h"

#include "app/gui/theme/icons.h"
#include "core/base/quantity.h"

#include <QMessageBox>
#include <QPushButton>

namespace ember::gui {
namespace {

constexpr QSize kIconSize(32, 32);

} // namespace

void askToEmptyTrash(QWidget* parent, qint64 recordings, std::function<void()> confirmed)
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, QObject::tr("Empty the trash"),
                                QObject::tr("Delete %1 with samples and labels for good? This cannot be undone.")
                                    .arg(countOf(recordings, QObject::tr("recording"))),
                                QMessageBox::NoButton, parent);
    box->setObjectName(QStringLiteral("empty-trash"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIconPixmap(icon(QStringLiteral("warning"), IconTone::Warn).pixmap(kIconSize));
    const QPushButton* remove = box->addButton(QObject::tr("Delete"), QMessageBox::DestructiveRole);
    QPushButton* cancel = box->addButton(QObject::tr("Cancel"), QMessageBox::RejectRole);
    box->setDefaultButton(cancel); // Enter is pressed before a question is read
    box->setEscapeButton(cancel);
    QObject::connect(remove, &QPushButton::clicked, parent, std::move(confirmed));
    box->open();
}

} // namespace ember::gui
