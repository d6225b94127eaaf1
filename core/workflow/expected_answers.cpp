// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/expected_answers.h"

#include "core/signal/npy.h"

#include <QHash>

namespace ember::workflow {
namespace {

/// The class index of each whole number that may stand for a class.
QHash<qint32, qint32> classesByNumber(const QStringList& names, qint32 classes)
{
    QHash<qint32, qint32> byNumber;
    for (qint32 index = 0; index < names.size(); ++index) {
        bool isNumber = false;
        const int number = names[index].toInt(&isNumber);
        if (!isNumber) {
            byNumber.clear();
            break;
        }
        byNumber.insert(number, index);
    }
    if (byNumber.isEmpty()) {
        for (qint32 index = 0; index < classes; ++index)
            byNumber.insert(index, index);
    }
    return byNumber;
}

Result<std::vector<qint32>> labelsOf(const signal::NpyArray& array, const codegen::LoweredModel& model)
{
    EMBER_TRY(std::vector<qint32> labels, array.toInt32());
    const QHash<qint32, qint32> classes = classesByNumber(model.classNames, model.outputCount);
    for (qint32& label : labels) {
        const auto found = classes.constFind(label);
        if (found == classes.constEnd())
            return Error(
                ErrorKind::Usage, QStringLiteral("The model has no class %1.").arg(label),
                QStringLiteral("Its classes are: %1.").arg(model.classNames.mid(0, 20).join(QStringLiteral(", "))));
        label = *found;
    }
    return labels;
}

} // namespace

Result<ExpectedAnswers> readExpected(const Deployment& deployment, const QString& npyPath)
{
    EMBER_TRY(const signal::NpyArray array, signal::readNpy(npyPath));
    const codegen::LoweredModel& model = deployment.program.model();
    const std::vector<qint64>& shape = array.shape;
    const bool isColumn = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
    const bool isTable = shape.size() == 2 && shape[1] == model.outputCount;
    ExpectedAnswers expected;
    if (isColumn && model.classifier) {
        EMBER_TRY(expected.labels, labelsOf(array, model));
    } else if (isTable || (isColumn && model.outputCount == 1)) {
        expected.scores = array.toFloat();
        // Answers in the network's own stored form.
        if (model.outputType == signal::SampleType::Int8 && array.type == signal::NpyType::Int8) {
            for (float& score : expected.scores)
                score = static_cast<float>(model.score(static_cast<double>(score)));
        }
    } else {
        return Error(ErrorKind::Usage,
                     QStringLiteral("The expected answers in '%1' do not fit the model.").arg(npyPath),
                     QStringLiteral("Give one label per row, or %1 scores per row.").arg(model.outputCount));
    }
    return expected;
}

} // namespace ember::workflow
