// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "app/gui/shell/job_queue.h"
#include "core/workflow/model_report.h"

#include <QDialog>

class QLabel;
class QStackedWidget;
class QTableWidget;

namespace ember::gui {

class Facts;
class GraphPicture;
class Notice;
class WaitingPane;

/// What a model file from elsewhere is: its graph with the work of each step, what it would cost on each board, and
/// what of it is not supported and why. Reads the file on a worker thread. Deletes itself when it is closed. GUI
/// thread.
class ModelWindow : public QDialog
{
    Q_OBJECT

public:
    ModelWindow(const QString& path, AppContext& context, QWidget* parent);
    ~ModelWindow() override;

    /// Asks for a file and opens it in a window of its own.
    static void ask(AppContext& context, QWidget* parent);

Q_SIGNALS:
    /// For tests: the report is shown, or why there is none.
    void shown();

private:
    QWidget* buildReport();
    void read();
    void showReport(const Result<workflow::ModelReport>& report);
    void showFacts(const workflow::ModelReport& report);
    void showBoards(const std::vector<workflow::BoardFit>& boards);
    void showStep(int step);

    QString m_path;
    AppContext& m_context;
    JobQueue& m_jobs; // the context itself dies before the children of the window that owns it
    QStackedWidget* m_body;
    WaitingPane* m_waiting;
    GraphPicture* m_graph;
    QLabel* m_verdict;
    Facts* m_facts;
    Facts* m_step;
    QTableWidget* m_boards;
    JobId m_job = 0;
};

} // namespace ember::gui
