// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/beside_dialog.h"

#include "app/gui/widgets/build.h"
#include "core/dataset/recorded_together.h"

#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLineEdit>

namespace ember::gui {
namespace {

constexpr int kFileWidth = 360;

} // namespace

BesideDialog::BesideDialog(const QString& recording, QWidget* parent)
    : QDialog(parent)
    , m_file(new QLineEdit)
    , m_offset(new QDoubleSpinBox)
    , m_add(makeButton(tr("Add"), "main"))
{
    setObjectName(QStringLiteral("beside"));
    setWindowTitle(tr("Recorded at the same time as %1").arg(recording));
    m_file->setObjectName(QStringLiteral("beside-file"));
    m_file->setMinimumWidth(kFileWidth);
    m_file->setPlaceholderText(tr("WAV, FLAC, CSV or another format that can be imported"));
    m_offset->setObjectName(QStringLiteral("beside-offset"));
    m_offset->setRange(-dataset::kMostOffsetSeconds, dataset::kMostOffsetSeconds);
    m_offset->setDecimals(4);
    m_offset->setSuffix(tr(" s"));
    m_offset->setToolTip(tr("From the beginning of the recording to that of the file; less than 0 is before"));
    auto* file = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(file, 8);
    auto* browse = makeButton(tr("Browse…"));
    row->addWidget(m_file, 1);
    row->addWidget(browse);
    auto* form = new QFormLayout;
    form->addRow(makeLabel(tr("File")), file);
    form->addRow(makeLabel(tr("Begins after")), m_offset);
    m_add->setObjectName(QStringLiteral("beside-add"));
    m_add->setDefault(true);
    auto* cancel = makeButton(tr("Cancel"));
    auto* last = new QHBoxLayout;
    last->addStretch(1);
    last->addWidget(cancel);
    last->addWidget(m_add);
    auto* column = plainLayout<QVBoxLayout>(this, 12, 16);
    column->addLayout(form);
    column->addLayout(last);
    connect(browse, &QPushButton::clicked, this, &BesideDialog::browse);
    connect(m_file, &QLineEdit::textChanged, this, &BesideDialog::check);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, [this] {
        Q_EMIT chosen({m_file->text()}, m_offset->value());
        accept();
    });
    check();
}

void BesideDialog::browse()
{
    auto* dialog = new QFileDialog(this, tr("File beside the recording"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, m_file, &QLineEdit::setText);
    dialog->open();
}

void BesideDialog::check()
{
    m_add->setEnabled(QFileInfo(m_file->text()).isFile());
}

} // namespace ember::gui
