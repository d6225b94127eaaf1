// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/validation_choice.h"

#include "core/workflow/dataset_split.h"

#include <QSet>

#include <algorithm>

namespace ember::workflow {

using Method = ValidationChoice::Method;

Result<ValidationChoice> parseValidation(const QString& text)
{
    const QString method = text.section(QLatin1Char(':'), 0, 0);
    const QString detail = text.section(QLatin1Char(':'), 1);
    ValidationChoice choice;
    bool number = false;
    if (method == QStringLiteral("group-kfold")) {
        choice.folds = detail.isEmpty() ? 5 : detail.toInt(&number);
        if (detail.isEmpty() || (number && choice.folds >= 2))
            return choice;
    } else if (method == QStringLiteral("random-kfold")) {
        choice.method = ValidationChoice::Method::RandomKFold;
        choice.folds = detail.isEmpty() ? 5 : detail.toInt(&number);
        if (detail.isEmpty() || (number && choice.folds >= 2))
            return choice;
    } else if (method == QStringLiteral("leave-one-group-out") && detail.isEmpty()) {
        choice.method = ValidationChoice::Method::LeaveOneGroup;
        return choice;
    } else if (method == QStringLiteral("split")) {
        choice.method = ValidationChoice::Method::StoredSplit;
        choice.split = detail.isEmpty() ? QString::fromLatin1(kDefaultSplit) : detail;
        return choice;
    } else if (method == QStringLiteral("holdout")) {
        choice.method = ValidationChoice::Method::HoldOut;
        if (detail.isEmpty())
            return choice;
        const double share = detail.toDouble(&number);
        if (number && share > 0 && share < 1) {
            choice.testShare = share;
            return choice;
        }
        if (!number) {
            choice.testGroups = detail.split(QLatin1Char(','), Qt::SkipEmptyParts);
            return choice;
        }
    }
    return Error(
        ErrorKind::Usage, QStringLiteral("'%1' is not a validation.").arg(text),
        QStringLiteral("Use group-kfold:5, leave-one-group-out, holdout, holdout:0.3, holdout:GROUP,GROUP, split, "
                       "split:NAME or random-kfold:5."));
}

QString validationName(const ValidationChoice& choice)
{
    switch (choice.method) {
    case ValidationChoice::Method::GroupKFold:
        return QStringLiteral("group-kfold:%1").arg(choice.folds);
    case ValidationChoice::Method::RandomKFold:
        return QStringLiteral("random-kfold:%1").arg(choice.folds);
    case ValidationChoice::Method::LeaveOneGroup:
        return QStringLiteral("leave-one-group-out");
    case ValidationChoice::Method::HoldOut:
        return QStringLiteral("holdout:") + (choice.testGroups.isEmpty() ? QString::number(choice.testShare)
                                                                         : choice.testGroups.join(QLatin1Char(',')));
    case ValidationChoice::Method::StoredSplit:
        return QStringLiteral("split:") + choice.split;
    }
    return {};
}

ValidationChoice settled(ValidationChoice choice, const dataset::WindowSet& windows)
{
    if (!choice.fewerFolds || choice.method != Method::GroupKFold)
        return choice;
    QSet<QString> groups;
    for (const dataset::SplitItem& item : dataset::splitItems(windows))
        groups.insert(item.group);
    choice.folds = std::clamp(static_cast<int>(groups.size()), 2, choice.folds);
    return choice;
}

Result<Folds> makeFolds(const dataset::Project& project, const ValidationChoice& choice, quint64 seed,
                        const dataset::WindowSet& windows)
{
    const std::vector<dataset::SplitItem> items = dataset::splitItems(windows);
    Folds made;
    const auto takeOne = [&made](dataset::Fold fold) {
        made.testGroups = fold.testGroups;
        made.folds.push_back(std::move(fold));
    };
    switch (choice.method) {
    case Method::GroupKFold: {
        EMBER_TRY(made.folds, dataset::groupKFold(items, choice.folds, seed));
        break;
    }
    case Method::RandomKFold: {
        EMBER_TRY(made.folds, dataset::randomKFold(items, choice.folds, seed));
        break;
    }
    case Method::LeaveOneGroup: {
        EMBER_TRY(made.folds, dataset::leaveOneGroupOut(items));
        break;
    }
    case Method::HoldOut: {
        EMBER_TRY(dataset::Fold fold, choice.testGroups.isEmpty()
                                          ? dataset::holdOut(items, dataset::SplitMethod::Group, choice.testShare, seed)
                                          : dataset::holdOutGroups(items, choice.testGroups));
        takeOne(std::move(fold));
        break;
    }
    case Method::StoredSplit: {
        EMBER_TRY(dataset::Fold fold, storedFold(project, choice.split, items));
        takeOne(std::move(fold));
        break;
    }
    }
    return made;
}

bool keepsTestSide(const ValidationChoice& choice)
{
    return choice.method == Method::HoldOut || choice.method == Method::StoredSplit;
}

} // namespace ember::workflow
