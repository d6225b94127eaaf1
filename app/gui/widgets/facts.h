// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace ember::gui {

/// One line of an inspector.
struct Fact
{
    QString name;
    QString value;
    const char* tone = ""; ///< a label role: "", "muted", "good", "warn", "bad"
};

/// Names and values in two columns: what is selected and its numbers. Values can be marked and copied.
class Facts : public QWidget
{
    Q_OBJECT

public:
    explicit Facts(QWidget* parent = nullptr);
    void setFacts(const std::vector<Fact>& facts);
    bool isEmpty() const { return m_facts.empty(); }
    /// For tests: the value beside a name.
    QString value(const QString& name) const;

Q_SIGNALS:
    void emptyChanged(bool empty);

private:
    QGridLayout* m_grid;
    std::vector<Fact> m_facts;
};

/// An inspector: a scrolling panel with a title over whatever is put into it.
class Inspector : public QWidget
{
    Q_OBJECT

public:
    explicit Inspector(const QString& title, QWidget* parent = nullptr);
    void setTitle(const QString& title);
    /// Sections come one under the other; an empty heading has no line of its own, and one over facts is
    /// there while there are any.
    void addSection(const QString& heading, QWidget* content);
    void addStretch();

private:
    QLabel* m_title;
    QVBoxLayout* m_column;
};

} // namespace ember::gui
