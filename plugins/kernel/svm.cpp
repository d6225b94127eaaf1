// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/kernel/svm.h"

#include <libsvm/svm.h>
#include <memory>
#include <numeric>

namespace ember::kernel {

using common::Matrix;
using common::PresentClasses;
using common::Vector;

namespace {

constexpr double kCacheMegabytes = 200;
constexpr double kStopAt = 1e-3;

struct FreeModel
{
    void operator()(svm_model* m) const { svm_free_and_destroy_model(&m); }
};
using ModelPointer = std::unique_ptr<svm_model, FreeModel>;

int kernelType(model::KernelKind kind)
{
    switch (kind) {
    case model::KernelKind::Linear:
        return LINEAR;
    case model::KernelKind::Polynomial:
        return POLY;
    case model::KernelKind::Rbf:
        return RBF;
    case model::KernelKind::Sigmoid:
        return SIGMOID;
    }
    return RBF;
}

double automaticGamma(const Matrix& rows)
{
    const double mean = rows.mean();
    const double variance = (rows.array() - mean).square().mean();
    return variance > 0 ? 1.0 / (static_cast<double>(rows.cols()) * variance) : 1.0;
}

// The rows in libsvm's form, in an order of ours: libsvm numbers classes as it meets them. Zeros are left out.
class Problem
{
public:
    Problem(const Matrix& rows, const std::vector<std::size_t>& order, std::vector<double> y)
        : m_y(std::move(y))
    {
        const std::size_t perRow = static_cast<std::size_t>(rows.cols()) + 1;
        m_nodes.reserve(order.size() * perRow); // never moves: pointers into it are kept
        for (const std::size_t row : order) {
            m_rows.push_back(m_nodes.data() + m_nodes.size());
            for (Eigen::Index c = 0; c < rows.cols(); ++c) {
                const double value = rows(static_cast<Eigen::Index>(row), c);
                if (value != 0)
                    m_nodes.push_back({static_cast<int>(c) + 1, value});
            }
            m_nodes.push_back({-1, 0});
        }
        m_problem.l = static_cast<int>(order.size());
        m_problem.y = m_y.data();
        m_problem.x = m_rows.data();
    }

    const svm_problem& get() const { return m_problem; }

private:
    std::vector<double> m_y;
    std::vector<svm_node> m_nodes;
    std::vector<svm_node*> m_rows;
    svm_problem m_problem{};
};

std::vector<std::size_t> byClass(const PresentClasses& classes, std::size_t rows)
{
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t(0));
    if (!classes.labels.empty())
        std::stable_sort(order.begin(), order.end(),
                         [&classes](std::size_t a, std::size_t b) { return classes.labels[a] < classes.labels[b]; });
    return order;
}

std::vector<double> answers(const std::vector<std::size_t>& order, const PresentClasses& classes, const Vector& targets,
                            SvmTask task)
{
    std::vector<double> y;
    for (const std::size_t row : order) {
        if (task == SvmTask::Classification)
            y.push_back(classes.labels[row]);
        else
            y.push_back(task == SvmTask::Regression ? targets[static_cast<Eigen::Index>(row)] : 1.0);
    }
    return y;
}

model::SvmModel withVectors(const svm_model& fitted, const SvmOptions& options, double gamma, Eigen::Index columns)
{
    model::SvmModel operation;
    operation.kernel = options.kernel;
    operation.gamma = static_cast<float>(gamma);
    operation.coef0 = static_cast<float>(options.coef0);
    operation.degree = static_cast<float>(options.degree);
    operation.features = columns;
    operation.vectors.assign(static_cast<std::size_t>(fitted.l) * static_cast<std::size_t>(columns), 0.0f);
    for (int v = 0; v < fitted.l; ++v) {
        float* row = operation.vectors.data() + static_cast<std::ptrdiff_t>(v) * columns;
        for (const svm_node* node = fitted.SV[v]; node->index > 0; ++node)
            row[node->index - 1] = static_cast<float>(node->value);
    }
    return operation;
}

// libsvm knows the present classes only; the operation has a pair for every two classes of the data.
void fillPairs(const svm_model& fitted, const PresentClasses& classes, model::SvmModel& operation)
{
    const auto total = static_cast<std::size_t>(classes.total);
    const auto vectors = static_cast<std::size_t>(fitted.l);
    std::vector<int> place(total, -1);
    for (int c = 0; c < classes.count(); ++c)
        place[static_cast<std::size_t>(classes.classes[static_cast<std::size_t>(c)])] = c;
    operation.classifier = true;
    operation.classes = classes.total;
    operation.vectorsPerClass.assign(total, 0);
    for (std::size_t k = 0; k < total; ++k)
        operation.vectorsPerClass[k] = place[k] < 0 ? 0 : fitted.nSV[place[k]];
    operation.coefficients.assign((total - 1) * vectors, 0.0f);
    std::size_t first = 0; // vectors come class by class
    for (std::size_t k = 0; k < total; ++k) {
        for (std::size_t other = 0; other < total; ++other) {
            if (other == k || place[k] < 0 || place[other] < 0)
                continue;
            const std::size_t row = other < k ? other : other - 1;
            const int from = place[other] < place[k] ? place[other] : place[other] - 1;
            for (std::size_t v = first; v < first + static_cast<std::size_t>(operation.vectorsPerClass[k]); ++v)
                operation.coefficients[row * vectors + v] = static_cast<float>(fitted.sv_coef[from][v]);
        }
        first += static_cast<std::size_t>(operation.vectorsPerClass[k]);
    }
    const int present = classes.count();
    for (std::size_t i = 0; i < total; ++i) {
        for (std::size_t j = i + 1; j < total; ++j) {
            if (place[i] < 0 || place[j] < 0) {
                operation.rho.push_back(place[j] < 0 ? 1.0f : -1.0f); // the present one wins
                continue;
            }
            const int pair = place[i] * present - place[i] * (place[i] + 1) / 2 + place[j] - place[i] - 1;
            operation.rho.push_back(static_cast<float>(-fitted.rho[pair]));
        }
    }
}

} // namespace

Result<model::SvmModel> fitSvm(const Matrix& rows, const PresentClasses& classes, const Vector& targets,
                               const SvmOptions& options)
{
    const std::vector<std::size_t> order = byClass(classes, static_cast<std::size_t>(rows.rows()));
    const Problem problem(rows, order, answers(order, classes, targets, options.task));
    std::vector<int> weightLabels;
    std::vector<double> weights;
    for (int c = 0; options.balanced && c < classes.count(); ++c) {
        weightLabels.push_back(c);
        weights.push_back(static_cast<double>(rows.rows()) /
                          (classes.count() * static_cast<double>(classes.rowCounts[static_cast<std::size_t>(c)])));
    }
    svm_parameter parameter{};
    parameter.svm_type = options.task == SvmTask::Classification ? C_SVC
                         : options.task == SvmTask::Regression   ? EPSILON_SVR
                                                                 : ONE_CLASS;
    parameter.kernel_type = kernelType(options.kernel);
    parameter.degree = options.degree;
    parameter.gamma = options.gamma > 0 ? options.gamma : automaticGamma(rows);
    parameter.coef0 = options.coef0;
    parameter.cache_size = kCacheMegabytes;
    parameter.eps = kStopAt;
    parameter.C = options.c;
    parameter.nu = options.nu;
    parameter.p = options.epsilon;
    parameter.shrinking = 1;
    parameter.nr_weight = static_cast<int>(weights.size());
    parameter.weight_label = weightLabels.data();
    parameter.weight = weights.data();
    if (const char* reason = svm_check_parameter(&problem.get(), &parameter))
        return Error(ErrorKind::Failed, QStringLiteral("libsvm refuses: %1.").arg(QString::fromUtf8(reason)));
    svm_set_print_string_function([](const char*) {});
    const ModelPointer fitted(svm_train(&problem.get(), &parameter));
    if (!fitted || fitted->l == 0)
        return Error(ErrorKind::Failed, QStringLiteral("libsvm found no support vectors."),
                     QStringLiteral("Look whether the features tell the rows apart at all."));
    model::SvmModel operation = withVectors(*fitted, options, parameter.gamma, rows.cols());
    if (options.task == SvmTask::Classification) {
        fillPairs(*fitted, classes, operation);
        return operation;
    }
    for (int v = 0; v < fitted->l; ++v)
        operation.coefficients.push_back(static_cast<float>(fitted->sv_coef[0][v]));
    operation.rho = {static_cast<float>(-fitted->rho[0])};
    return operation;
}

} // namespace ember::kernel
