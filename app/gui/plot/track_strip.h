// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

namespace ember::gui {

class ThemeHub;
class TimeView;

/// A number that was computed over time, as a narrow lane in step with the traces: activity, a feature. Draws the
/// lowest and highest value per pixel column from zero on, the thresholds that it was compared with, and the ends of
/// the axis in numbers. Hidden while it has nothing. GUI thread.
class TrackStrip : public QWidget
{
    Q_OBJECT

public:
    /// Values that follow each other without a gap. Seconds.
    struct Piece
    {
        double begin = 0;
        double step = 1; ///< from one value to the next
        std::vector<float> values;
    };
    struct Track
    {
        QString name;
        QString detail; ///< for the tool tip; may be empty
        std::vector<Piece> pieces;
        std::vector<double> thresholds;
        QString reason; ///< why there are no values, shown in their place; may be empty
    };

    TrackStrip(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    void setTrack(std::optional<Track> track);
    const std::optional<Track>& track() const { return m_track; }

protected:
    void paintEvent(QPaintEvent*) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    /// Least and greatest of all values and thresholds, zero among them.
    std::pair<double, double> range() const;
    void paintValues(QPainter& painter, const QRectF& room) const;
    void paintName(QPainter& painter, const QRectF& room) const;

    TimeView& m_time;
    const ThemeHub& m_theme;
    std::optional<Track> m_track;
};

} // namespace ember::gui
