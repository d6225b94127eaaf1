// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/job_tray.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QFontDatabase>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QScrollBar>
#include <QTimer>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kTrayHeight = 220;
constexpr int kListWidth = 260;
constexpr int kStripBarWidth = 140;
constexpr int kBarSteps = 1000;
// Elapsed and remaining times move on while nothing is reported.
constexpr int kTickMs = 500;

QString stateText(const JobInfo& job)
{
    switch (job.state) {
    case JobState::Waiting:
        return JobTray::tr("Waiting");
    case JobState::Running:
        if (job.secondsLeft >= 0)
            return JobTray::tr("%1 % · %2 left")
                .arg(qRound(job.progress.fraction * 100))
                .arg(shortDuration(job.secondsLeft));
        return JobTray::tr("Running · %1").arg(shortDuration(job.seconds));
    case JobState::Done:
        return job.seconds < 1 ? JobTray::tr("Done") : JobTray::tr("Done in %1").arg(shortDuration(job.seconds));
    case JobState::Failed:
        return JobTray::tr("Failed");
    case JobState::Cancelled:
        return JobTray::tr("Cancelled");
    }
    return {};
}

void showProgress(QProgressBar* bar, const JobInfo& job)
{
    const bool known = job.progress.fraction >= 0;
    bar->setRange(0, known ? kBarSteps : 0);
    if (known)
        bar->setValue(static_cast<int>(job.progress.fraction * kBarSteps));
    bar->setVisible(job.isActive());
}

} // namespace

QString shortDuration(double seconds)
{
    const auto whole = static_cast<qint64>(std::llround(std::max(0.0, seconds)));
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

JobTray::JobTray(JobQueue& jobs, const ThemeHub& theme, QWidget* parent)
    : QFrame(parent)
    , m_jobs(jobs)
    , m_theme(theme)
    , m_list(new QListWidget)
    , m_title(makeLabel({}, "section"))
    , m_state(makeLabel({}, "muted"))
    , m_bar(new QProgressBar)
    , m_log(new QPlainTextEdit)
    , m_cancel(makeButton(tr("Cancel")))
    , m_clear(makeButton(tr("Clear ended"), "link"))
{
    setProperty("role", QStringLiteral("bar"));
    setProperty("edge", QStringLiteral("bottom"));
    setFixedHeight(kTrayHeight);
    m_list->setFixedWidth(kListWidth);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_log->setReadOnly(true);
    m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_log->setMaximumBlockCount(2000);
    m_bar->setTextVisible(false);

    const ThemeMetrics& m = theme.metrics();
    auto* head = new QHBoxLayout;
    head->setSpacing(m.m);
    head->addWidget(m_title);
    head->addWidget(m_state, 1);
    head->addWidget(m_cancel);
    auto* right = new QVBoxLayout;
    right->setSpacing(m.s);
    right->addLayout(head);
    right->addWidget(m_bar);
    right->addWidget(m_log, 1);
    auto* left = new QVBoxLayout;
    left->setSpacing(m.xs);
    left->addWidget(m_list, 1);
    left->addWidget(m_clear, 0, Qt::AlignLeft);
    auto* row = plainLayout<QHBoxLayout>(this, m.l, m.m);
    row->addLayout(left);
    row->addLayout(right, 1);

    connect(&m_jobs, &JobQueue::changed, this, &JobTray::refresh);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        if (const QListWidgetItem* item = m_list->currentItem())
            m_shown = item->data(Qt::UserRole).toULongLong();
        showCurrent();
    });
    connect(m_cancel, &QPushButton::clicked, this, [this] { m_jobs.cancel(m_shown); });
    connect(m_clear, &QPushButton::clicked, &m_jobs, &JobQueue::clearEnded);
    refresh();
}

void JobTray::select(JobId id)
{
    m_shown = id;
    refresh();
}

void JobTray::refresh()
{
    const std::vector<JobInfo> jobs = m_jobs.jobs();
    if (!isVisible() && !jobs.empty())
        m_shown = jobs.back().id; // who opens the tray asks for what was started last
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    int shownRow = -1;
    // Newest first: what was started last is what one looks for.
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
        auto* item = new QListWidgetItem(job->title);
        const bool failed = job->state == JobState::Failed;
        item->setIcon(failed            ? icon(QStringLiteral("error"), IconTone::Bad)
                      : job->isActive() ? icon(QStringLiteral("jobs"), IconTone::Accent)
                                        : icon(QStringLiteral("check"), IconTone::Muted));
        item->setData(Qt::UserRole, static_cast<qulonglong>(job->id));
        item->setToolTip(job->title);
        item->setSizeHint(QSize(0, m_theme.metrics().control)); // no wider than the list: a long title loses its end
        m_list->addItem(item);
        if (job->id == m_shown)
            shownRow = m_list->count() - 1;
    }
    m_list->setCurrentRow(shownRow < 0 && m_list->count() > 0 ? 0 : shownRow);
    if (const QListWidgetItem* item = m_list->currentItem())
        m_shown = item->data(Qt::UserRole).toULongLong();
    showCurrent();
}

void JobTray::showCurrent()
{
    const std::optional<JobInfo> job = m_jobs.job(m_shown);
    m_title->setText(job ? job->title : tr("No jobs yet"));
    m_state->setText(job ? stateText(*job) : QString());
    m_cancel->setVisible(job && job->isActive());
    m_bar->setVisible(false);
    m_log->setVisible(job.has_value());
    m_clear->setVisible(m_list->count() > m_jobs.activeCount());
    if (!job)
        return;
    showProgress(m_bar, *job);
    const QString text = job->log.join(QLatin1Char('\n'));
    if (text != m_log->toPlainText()) {
        m_log->setPlainText(text);
        m_log->verticalScrollBar()->setValue(m_log->verticalScrollBar()->maximum());
    }
}

JobStrip::JobStrip(JobQueue& jobs, const ThemeHub& theme, QWidget* parent)
    : QFrame(parent)
    , m_jobs(jobs)
    , m_toggle(makeIconButton(QStringLiteral("chevron-right"), tr("Show jobs and their logs")))
    , m_text(makeLabel({}, "muted"))
    , m_bar(new QProgressBar)
    , m_undo(makeButton({}, "link"))
    , m_tick(new QTimer(this))
{
    setProperty("role", QStringLiteral("bar"));
    setProperty("edge", QStringLiteral("bottom"));
    setFixedHeight(theme.metrics().strip);
    m_toggle->setCheckable(true);
    m_toggle->setObjectName(QStringLiteral("jobs-toggle"));
    m_bar->setFixedWidth(kStripBarWidth);
    m_bar->setTextVisible(false);
    m_undo->setObjectName(QStringLiteral("undo-text"));
    m_undo->hide();

    auto* row = plainLayout<QHBoxLayout>(this, theme.metrics().s);
    row->setContentsMargins(theme.metrics().m, 0, theme.metrics().m, 0);
    row->addWidget(m_toggle);
    row->addWidget(m_bar);
    row->addWidget(m_text, 1);
    row->addWidget(m_undo);

    connect(m_toggle, &QToolButton::toggled, this, [this](bool open) {
        m_toggle->setIcon(icon(open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
        Q_EMIT trayToggled(open);
    });
    connect(m_undo, &QPushButton::clicked, this, &JobStrip::undoClicked);
    connect(&m_jobs, &JobQueue::changed, this, &JobStrip::refresh);
    connect(&m_jobs, &JobQueue::ended, this, [this](const JobInfo& job) {
        m_lastEnded = QStringLiteral("%1 · %2").arg(job.title, stateText(job).toLower());
        refresh();
    });
    m_tick->setInterval(kTickMs);
    connect(m_tick, &QTimer::timeout, this, &JobStrip::refresh);
    refresh();
}

void JobStrip::setUndoText(const QString& text)
{
    m_undo->setText(text.isEmpty() ? QString() : tr("Undo: %1").arg(text));
    m_undo->setVisible(!text.isEmpty());
}

QString JobStrip::summary() const
{
    return m_text->text();
}

void JobStrip::refresh()
{
    const int active = m_jobs.activeCount();
    m_bar->setVisible(active > 0);
    if (active == 0) {
        m_tick->stop();
        m_text->setText(m_lastEnded.isEmpty() ? tr("No jobs running") : m_lastEnded);
        return;
    }
    if (!m_tick->isActive())
        m_tick->start();
    for (const JobInfo& job : m_jobs.jobs()) {
        if (!job.isActive())
            continue;
        showProgress(m_bar, job);
        QStringList parts;
        parts << (active == 1 ? tr("1 job") : tr("%1 jobs").arg(active));
        parts << job.title;
        if (!job.progress.step.isEmpty() && job.progress.step != job.title)
            parts << job.progress.step;
        parts << stateText(job);
        m_text->setText(parts.join(QStringLiteral(" · ")));
        break;
    }
}

} // namespace ember::gui
