// SPDX-License-Identifier: GPL-3.0-or-later
// How long maps take to compute, and how long the explorer takes to draw many points and to follow the mouse over them.
#include "app/gui/plot/scatter_plot.h"
#include "app/gui/theme/theme_hub.h"
#include "core/base/random.h"
#include "core/explore/tsne.h"
#include "core/explore/umap.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>

#include <algorithm>
#include <cstdio>
#include <ctime>

using namespace ember;

namespace {

constexpr int kClasses = 8;

explore::Rows clusters(int rows, int columns)
{
    Random random(8);
    explore::Rows made(rows, columns);
    for (Eigen::Index i = 0; i < rows; ++i) {
        for (Eigen::Index c = 0; c < columns; ++c)
            made(i, c) = static_cast<float>(random.normal() + (c % kClasses == i % kClasses ? 3 : 0));
    }
    return made;
}

void timeMaps()
{
    for (const int rows : {1'000, 5'000, 20'000}) {
        const explore::Rows data = clusters(rows, 40);
        for (const bool isTsne : {true, false}) {
            QElapsedTimer clock;
            clock.start();
            const std::clock_t before = std::clock();
            const bool made = isTsne ? explore::tsne(data).has_value() : explore::umap(data).has_value();
            std::printf("%6d windows of 40 features: %-5s %6.1f s, %6.1f s of processors%s\n", rows,
                        isTsne ? "t-SNE" : "UMAP", static_cast<double>(clock.elapsed()) * 1e-3,
                        static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, made ? "" : " (failed)");
        }
    }
}

void printTimes(const char* what, std::vector<double> ms)
{
    std::sort(ms.begin(), ms.end());
    std::printf("%-34s median %6.2f ms, 95 %% %6.2f ms, worst %6.2f ms\n", what, ms[ms.size() / 2],
                ms[ms.size() * 95 / 100], ms.back());
}

void timePlot(const gui::ThemeHub& theme, int points)
{
    gui::ScatterPlot plot(theme);
    plot.resize(1200, 700);
    plot.setReadOut([](std::size_t point) { return QStringLiteral("window %1\n12.0 s\nwalking").arg(point); });
    plot.show();
    QApplication::processEvents();
    Random random(1);
    std::vector<QPointF> places;
    std::vector<int> kinds;
    for (int i = 0; i < points; ++i) {
        kinds.push_back(i % kClasses);
        places.emplace_back(random.normal() + 2 * (i % kClasses), random.normal() + 3 * (i % 3));
    }
    std::vector<gui::Category> categories;
    for (int i = 0; i < kClasses; ++i)
        categories.push_back({QString::number(i), {gui::CategoryLook::Tone::Class, i}, 0, false});
    plot.setPoints(std::move(places), std::move(categories), std::move(kinds), false);
    QApplication::processEvents();

    QElapsedTimer clock;
    std::vector<double> draws;
    for (int i = 0; i < 30; ++i) {
        clock.start();
        plot.replot(QCustomPlot::rpImmediateRefresh);
        draws.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
    }
    std::vector<double> moves;
    for (int i = 0; i < 400; ++i) {
        const QPointF at(100 + static_cast<double>(random.below(1000)), 50 + static_cast<double>(random.below(550)));
        QMouseEvent move(QEvent::MouseMove, at, plot.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        clock.start();
        QCoreApplication::sendEvent(&plot, &move);
        QApplication::processEvents(); // until it is on the screen
        moves.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
    }
    std::printf("%d points, %d x %d pixels at %.0f x\n", points, plot.width(), plot.height(), plot.devicePixelRatioF());
    printTimes("  all drawn", std::move(draws));
    printTimes("  the mouse moved to another point", std::move(moves));
}

} // namespace

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    auto theme = gui::ThemeHub::create(application, gui::ThemeHub::Mode::Light);
    if (!theme) {
        std::fprintf(stderr, "%s\n", qPrintable(theme.error().toString()));
        return 1;
    }
    for (const int points : {5'000, 50'000})
        timePlot(**theme, points);
    timeMaps();
    return 0;
}
