// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/recording.h"

#include <QByteArray>
#include <QString>

#include <compare>
#include <vector>

namespace ember::dataset {

class Project;

/// A labelled stretch by names, as it is in a version of the data set.
struct ContentSegment
{
    qint64 begin = 0;
    qint64 end = 0;
    QString set;
    QString label;

    friend bool operator==(const ContentSegment&, const ContentSegment&) = default;
};
/// By begin, end, set, label.
bool operator<(const ContentSegment& a, const ContentSegment& b);

struct ContentRecording
{
    RecordingId id;
    QString name;
    QString hash; ///< of stream and samples
    QString group;
    qint64 rows = 0;
    double rateHz = 0;
    std::vector<ContentSegment> segments; ///< sorted

    friend bool operator==(const ContentRecording&, const ContentRecording&) = default;
};

/// What training can see of a project, without the samples themselves: enough to say what has changed since.
struct DatasetContent
{
    std::vector<ContentRecording> recordings; ///< by id
};

/// Of the recordings named, or of all that are not trashed. Error Usage while one of them is being recorded.
Result<DatasetContent> datasetContent(const Project& project, const std::vector<RecordingId>& recordings = {});

/// The hash that datasetHash() gives: names of recordings, ids and order make no difference.
QString hashOf(const DatasetContent& content);

/// As it is kept in the project file: compressed JSON. Reading trusts nothing. Errors: BadData.
QByteArray packContent(const DatasetContent& content);
Result<DatasetContent> unpackContent(const QByteArray& bytes);

} // namespace ember::dataset
