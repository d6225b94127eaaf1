// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/main_window.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/command_palette.h"
#include "app/gui/shell/job_tray.h"
#include "app/gui/shell/keys_overlay.h"
#include "app/gui/shell/page.h"
#include "app/gui/shell/pages.h"
#include "app/gui/shell/project_file_dialog.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/rail.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/top_bar.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/undo_guard.h"
#include "app/gui/widgets/wheel_guard.h"
#include "core/base/quantity.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QStackedWidget>
#include <QWhatsThis>

namespace ember::gui {
namespace {

constexpr int kRecentProjects = 8;
constexpr QSize kFirstSize(1280, 800);
const char* const kProjectFilter = QT_TRANSLATE_NOOP("ember::gui::MainWindow", "Emberlab projects (*.ember)");

} // namespace

MainWindow::MainWindow(ThemeHub& theme, UiSettings& settings, JobQueue& jobs, ActionRegistry& actions,
                       ProjectSession& project, DeviceSession& devices)
    : m_theme(theme)
    , m_settings(settings)
    , m_project(project)
    , m_devices(devices)
    , m_topBar(new TopBar(devices, theme))
    , m_rail(new Rail(theme))
    , m_stack(new QStackedWidget)
    , m_tray(new JobTray(jobs, theme))
    , m_strip(new JobStrip(jobs, theme))
{
    setWindowTitle(QStringLiteral("Emberlab"));
    qApp->installEventFilter(new WheelGuard(this));
    qApp->installEventFilter(new UndoGuard(this));
    setAcceptDrops(true);
    auto* centre = new QWidget;
    auto* toasts = new ToastHost(centre, theme);
    m_context = std::make_unique<AppContext>(
        AppContext{theme, settings, jobs, actions, *toasts, project, devices, m_navigator});

    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_rail);
    middle->addWidget(m_stack, 1);
    auto* column = plainLayout<QVBoxLayout>(centre, 0);
    column->addWidget(m_topBar);
    column->addLayout(middle, 1);
    column->addWidget(m_tray);
    column->addWidget(m_strip);
    setCentralWidget(centre);
    m_tray->hide();
    m_palette = new CommandPalette(actions, theme, centre);
    m_keys = new KeysOverlay(theme, centre);

    registerActions();
    addPages();
    m_rail->setWide(settings.get(settings::kRailWide));

    connect(m_rail, &Rail::pageChosen, this, &MainWindow::showPage);
    connect(m_rail, &Rail::wideChanged, this, [this](bool wide) { m_settings.set(settings::kRailWide, wide); });
    connect(m_strip, &JobStrip::trayToggled, m_tray, &QWidget::setVisible);
    connect(m_strip, &JobStrip::undoClicked, m_undo, &QAction::trigger);
    connect(m_topBar, &TopBar::devicesRequested, this, [this] { showPage(QStringLiteral("devices")); });
    connect(&m_navigator, &Navigator::pageRequested, this, &MainWindow::showPage);
    connect(&m_navigator, &Navigator::newProjectRequested, this, &MainWindow::askForNewProject);
    connect(&m_navigator, &Navigator::openProjectRequested, this, &MainWindow::askForProject);
    connect(&m_project, &ProjectSession::projectChanged, this, &MainWindow::followProject);
    connect(&m_project, &ProjectSession::contentChanged, this, &MainWindow::refreshCounts);
    connect(&m_project, &ProjectSession::undoFailed, this,
            [this](const Error& error) { m_context->toasts.show(tr("Not undone: %1").arg(error.message)); });
    connect(&m_project.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::refreshUndo);

    const QByteArray geometry = settings.layout(QStringLiteral("window"));
    if (geometry.isEmpty() || !restoreGeometry(geometry))
        resize(kFirstSize);
    followProject();
    refreshCounts();
    showPage(settings.get(settings::kLastPage));
}

MainWindow::~MainWindow() = default;

void MainWindow::addPages()
{
    for (Page* page : makePages(*m_context))
        addPage(page);
    if (QAction* record = recordActionOf(m_pages.value(QStringLiteral("capture"))))
        m_topBar->setRecordAction(record);
}

void MainWindow::addPage(Page* page)
{
    const QString id = page->id();
    m_order.append(id);
    m_pages.insert(id, page);
    m_stack->addWidget(page);
    const QKeySequence keys(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + m_order.size()));
    m_rail->addPage(id, page->iconName(), page->title(), keys.toString(QKeySequence::NativeText));
    addAction(
        m_context->actions.add(this, tr("Go to"), page->title(), page->iconName(), keys, [this, id] { showPage(id); }));
}

void MainWindow::showPage(const QString& id)
{
    Page* next = m_pages.value(id);
    if (!next)
        next = m_pages.value(m_order.value(0));
    if (!next)
        return;
    auto* current = qobject_cast<Page*>(m_stack->currentWidget());
    if (current && current != next)
        current->deactivated();
    m_stack->setCurrentWidget(next);
    m_rail->setCurrent(next->id());
    m_settings.set(settings::kLastPage, next->id());
    next->activated();
}

QString MainWindow::currentPage() const
{
    const auto* page = qobject_cast<Page*>(m_stack->currentWidget());
    return page ? page->id() : QString();
}

void MainWindow::registerActions()
{
    ActionRegistry& actions = m_context->actions;
    QAction* palette = actions.add(this, tr("View"), tr("Search or do anything"), QStringLiteral("search"),
                                   QKeySequence(Qt::CTRL | Qt::Key_K), [this] { m_palette->open(); });
    QAction* rail = actions.add(this, tr("View"), tr("Narrow or widen the rail"), QStringLiteral("menu"),
                                QKeySequence(Qt::CTRL | Qt::Key_B), [this] { m_rail->setWide(!m_rail->isWide()); });
    m_undo = actions.add(this, tr("Edit"), tr("Undo"), QStringLiteral("undo"), QKeySequence::Undo,
                         [this] { m_project.undoStack().undo(); });
    m_redo = actions.add(this, tr("Edit"), tr("Redo"), QStringLiteral("redo"),
                         QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), [this] { m_project.undoStack().redo(); });
    QAction* help = actions.add(this, tr("Help"), tr("Help for what has the focus"), QStringLiteral("help"),
                                QKeySequence::HelpContents, [this] { showHelp(); });
    QAction* keys = actions.add(this, tr("Help"), tr("Keys of this page"), QStringLiteral("keyboard"),
                                QKeySequence(Qt::Key_Question), [this] { showKeys(); });
    m_topBar->setPaletteAction(palette);
    m_topBar->setRailAction(rail);
    addActions({palette, rail, m_undo, m_redo, help, keys});
    registerProjectActions();
    registerThemeActions();
    m_rail->addTool(QStringLiteral("keyboard"), tr("Keys"), keys);
    refreshUndo();
}

void MainWindow::registerProjectActions()
{
    ActionRegistry& actions = m_context->actions;
    m_newProject = actions.add(this, tr("Project"), tr("New project…"), QStringLiteral("plus"), QKeySequence::New,
                               [this] { askForNewProject(); });
    m_openProject = actions.add(this, tr("Project"), tr("Open project…"), QStringLiteral("folder"), QKeySequence::Open,
                                [this] { askForProject(); });
    m_closeProject = actions.add(this, tr("Project"), tr("Close project"), QStringLiteral("close"), {},
                                 [this] { m_project.close(); });
    m_projectFile = actions.add(this, tr("Project"), tr("Check, back up or compact the project file…"),
                                QStringLiteral("file"), {}, [this] {
                                    auto* dialog = new ProjectFileDialog(*m_context, this);
                                    dialog->setAttribute(Qt::WA_DeleteOnClose);
                                    dialog->open();
                                });
    m_projectFile->setEnabled(m_project.isOpen());
    connect(&m_project, &ProjectSession::projectChanged, this,
            [this] { m_projectFile->setEnabled(m_project.isOpen()); });
    addActions({m_newProject, m_openProject, m_closeProject, m_projectFile});
    connect(m_topBar->projectMenu(), &QMenu::aboutToShow, this, &MainWindow::fillProjectMenu);
}

void MainWindow::registerThemeActions()
{
    struct Choice
    {
        ThemeHub::Mode mode;
        QString text;
        QString iconName;
    };
    const Choice choices[] = {
        {ThemeHub::Mode::Light, tr("Light theme"), QStringLiteral("sun")},
        {ThemeHub::Mode::Dark, tr("Dark theme"), QStringLiteral("moon")},
        {ThemeHub::Mode::System, tr("Theme of the system"), QStringLiteral("settings")},
    };
    for (const Choice& choice : choices) {
        QAction* action =
            m_context->actions.add(this, tr("View"), choice.text, choice.iconName, {}, [this, mode = choice.mode] {
                m_theme.setMode(mode);
                m_settings.set(settings::kTheme, ThemeHub::modeName(mode));
            });
        addAction(action);
        m_themeActions.append(action);
    }
}

void MainWindow::fillProjectMenu()
{
    QMenu* menu = m_topBar->projectMenu();
    menu->clear();
    menu->addAction(m_newProject);
    menu->addAction(m_openProject);
    menu->addSeparator();
    for (const QString& path : m_settings.get(settings::kRecentProjects)) {
        if (path != m_project.path() && QFileInfo::exists(path))
            menu->addAction(QFileInfo(path).completeBaseName(), this, [this, path] { openProject(path); })
                ->setToolTip(path);
    }
    if (m_project.isOpen()) {
        menu->addSeparator();
        menu->addAction(m_projectFile);
        menu->addAction(m_closeProject);
    }
    menu->addSeparator();
    menu->addActions(m_themeActions);
}

void MainWindow::openProject(const QString& path)
{
    const Status opened = m_project.open(path);
    if (!opened) {
        m_context->toasts.showError(opened.error());
        return;
    }
    if (!m_project.isWritable())
        m_context->toasts.show(tr("%1 is open for reading only. %2").arg(m_project.name(), m_project.readOnlyReason()));
}

void MainWindow::startBoard(const QString& boardId)
{
    m_navigator.startBoard(boardId);
}

void MainWindow::askForNewProject()
{
    auto* dialog = new QFileDialog(this, tr("New project"), {}, tr(kProjectFilter));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("ember"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        // The dialog has asked before an existing file is replaced; the trash can still bring it back.
        if (QFileInfo::exists(path))
            QFile::moveToTrash(path);
        if (const Status made = m_project.create(path); !made)
            m_context->toasts.showError(made.error());
    });
    dialog->open();
}

void MainWindow::askForProject()
{
    auto* dialog = new QFileDialog(this, tr("Open project"), {}, tr(kProjectFilter));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openProject);
    dialog->open();
}

void MainWindow::followProject()
{
    m_topBar->setProject(m_project.name(), m_project.path(), m_project.isWritable());
    m_closeProject->setEnabled(m_project.isOpen());
    setWindowTitle(m_project.isOpen() ? tr("%1 – Emberlab").arg(m_project.name()) : QStringLiteral("Emberlab"));
    m_settings.set(settings::kLastProject, m_project.path());
    if (!m_project.isOpen())
        return;
    QStringList recent = m_settings.get(settings::kRecentProjects);
    recent.removeAll(m_project.path());
    recent.prepend(m_project.path());
    m_settings.set(settings::kRecentProjects, QStringList(recent.mid(0, kRecentProjects)));
}

void MainWindow::refreshCounts()
{
    const auto show = [this](const char* page, qint64 count) {
        m_rail->setCount(QLatin1String(page), count > 0 ? formatCount(count) : QString());
    };
    dataset::ProjectInfo info;
    if (m_project.isOpen())
        info = m_project.project().info().value_or(dataset::ProjectInfo{});
    show("capture", info.recordings);
    show("dataset", info.segments);
    show("train", info.runs);
    show("compare", info.runs);
}

void MainWindow::refreshUndo()
{
    QUndoStack& stack = m_project.undoStack();
    m_undo->setEnabled(stack.canUndo());
    m_redo->setEnabled(stack.canRedo());
    m_undo->setText(stack.canUndo() ? tr("Undo: %1").arg(stack.undoText()) : tr("Undo"));
    m_redo->setText(stack.canRedo() ? tr("Redo: %1").arg(stack.redoText()) : tr("Redo"));
    m_strip->setUndoText(stack.canUndo() ? stack.undoText() : QString());
}

void MainWindow::showKeys()
{
    const auto* page = qobject_cast<Page*>(m_stack->currentWidget());
    const QList<KeyHint> everywhere = {
        {tr("Ctrl+K"), tr("Search or do anything")},
        {tr("Ctrl+1 … %1").arg(m_order.size()), tr("Go to a page")},
        {tr("Ctrl+Z"), tr("Undo")},
        {tr("Ctrl+Shift+Z"), tr("Redo")},
        {tr("Ctrl+B"), tr("Narrow or widen the rail")},
        {tr("Wheel"), tr("Zoom time at the mouse")},
        {tr("Shift+Wheel"), tr("Move through time")},
        {tr("Double click"), tr("Fit a plot")},
        {tr("F1"), tr("Help for what has the focus")},
    };
    m_keys->open(page ? page->title() : QString(), page ? page->keys() : QList<KeyHint>(), everywhere);
}

void MainWindow::showHelp()
{
    // The nearest widget that explains itself, from the focus outwards.
    for (QWidget* widget = focusWidget(); widget; widget = widget->parentWidget()) {
        const QString text = widget->whatsThis().isEmpty() ? widget->toolTip() : widget->whatsThis();
        if (!text.isEmpty()) {
            QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), text, widget);
            return;
        }
    }
    showKeys();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_settings.setLayout(QStringLiteral("window"), saveGeometry());
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList files;
    for (const QUrl& url : event->mimeData()->urls()) {
        const QString file = url.toLocalFile();
        if (file.endsWith(QStringLiteral(".ember")))
            openProject(file);
        else if (!file.isEmpty())
            files << file;
    }
    if (!files.isEmpty())
        m_navigator.importFiles(files);
}

} // namespace ember::gui
