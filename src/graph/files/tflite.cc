// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Facts about a TFLite file: a flatbuffer, verified whole before a field of it is read.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bakeoff/error.h"
#include "core/files.h"
#include "graph/files/facts.h"
#include "tflite/schema_generated.h"

namespace bakeoff::graph {
namespace {

using tflite::BuiltinOperator;
using tflite::TensorType;

constexpr size_t kMostBytes = size_t{2} << 30;  // a flatbuffer's offsets reach no further

struct TypeRow {
  TensorType type;
  const char* name;
};
constexpr TypeRow kTypes[] = {
    {TensorType::FLOAT32, "f32"}, {TensorType::FLOAT16, "f16"},   {TensorType::INT32, "i32"},
    {TensorType::UINT8, "u8"},    {TensorType::INT64, "i64"},     {TensorType::STRING, "string"},
    {TensorType::BOOL, "bool"},   {TensorType::INT16, "i16"},     {TensorType::INT8, "i8"},
    {TensorType::FLOAT64, "f64"}, {TensorType::BFLOAT16, "bf16"}, {TensorType::INT4, "i4"},
    {TensorType::UINT32, "u32"},  {TensorType::UINT64, "u64"},    {TensorType::UINT16, "u16"},
    {TensorType::INT2, "i2"},     {TensorType::UINT4, "u4"}};

std::string TypeName(TensorType type) {
  const auto* row = std::ranges::find(kTypes, type, &TypeRow::type);
  return row == std::end(kTypes) ? fmt::format("type {}", static_cast<int>(type)) : row->name;
}

bool IsQuantised(const tflite::Tensor& tensor) {
  const bool narrow = tensor.type() != TensorType::FLOAT32 && tensor.type() != TensorType::FLOAT16;
  return narrow && tensor.quantization() && tensor.quantization()->scale() &&
         tensor.quantization()->scale()->size() > 0;
}

// One file; every index that the flatbuffer's verifier does not know as one is checked here.
class Reader {
 public:
  Reader(const std::filesystem::path& path, const tflite::Model& model) : path_(path), model_(model) {}

  FileFacts Read(const ChooseShapes& choose) {
    const tflite::SubGraph& main = Subgraph(0);
    facts_.file_version = model_.version();
    if (model_.description()) facts_.producer = model_.description()->str();
    ReadPorts(main);
    facts_.census.multiply_adds = 0;
    CountWeights();
    facts_.counted_for = choose(facts_.inputs);
    const auto batch = facts_.counted_for.empty() && !facts_.inputs.empty()
                           ? std::nullopt
                           : CommonBatch(facts_.inputs, facts_.counted_for, stored_, facts_);
    for (size_t i = 0; i < model_.subgraphs()->size(); ++i) CountOperators(Subgraph(i), i == 0);
    Finish(batch);
    return std::move(facts_);
  }

 private:
  Error Invalid(const std::string& why) const {
    return Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", path_.string(), why));
  }

  const tflite::SubGraph& Subgraph(size_t index) const {
    if (!model_.subgraphs() || index >= model_.subgraphs()->size()) throw Invalid("the file holds no graph");
    return *model_.subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  // nullptr for an optional input that is left out.
  const tflite::Tensor* TensorAt(const tflite::SubGraph& graph, int64_t index, const std::string& user) const {
    if (index == -1) return nullptr;
    const int64_t count = graph.tensors() ? graph.tensors()->size() : 0;
    if (index < 0 || index >= count)
      throw Invalid(fmt::format("{} names tensor {}, the graph has {}", user, index, count));
    return graph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  static std::optional<Shape> ShapeOf(const tflite::Tensor* tensor) {
    if (!tensor) return std::nullopt;
    // Writers of one number leave the shape out as well as those of an unknown rank; only the latter are rare.
    if (!tensor->shape()) return Shape{};
    return Shape(tensor->shape()->begin(), tensor->shape()->end());
  }

  FilePort PortOf(const tflite::SubGraph& graph, int64_t index, const char* what) {
    const tflite::Tensor* tensor = TensorAt(graph, index, fmt::format("the list of {}s", what));
    if (!tensor) throw Invalid(fmt::format("an {} of the graph is no tensor", what));
    FilePort port{tensor->name() ? tensor->name()->str() : "", TypeName(tensor->type()), ShapeOf(tensor)};
    if (const auto* open = tensor->shape_signature(); open && open->size() > 0) {
      if (open->size() != port.shape->size())
        throw Invalid(fmt::format("the two shapes of tensor '{}' have different ranks", port.name));
      for (flatbuffers::uoffset_t axis = 0; axis < open->size(); ++axis) {
        if (open->Get(axis) < 0) (*port.shape)[axis] = kFree;
      }
    }
    return port;
  }

  // In the graph's order, under the names of its only signature where it has one: those that engines show.
  void ReadPorts(const tflite::SubGraph& graph) {
    const tflite::SignatureDef* signature = nullptr;
    if (const auto* all = model_.signature_defs()) {
      for (const auto* candidate : *all) {
        if (candidate->subgraph_index() == 0 && !signature) signature = candidate;
      }
    }
    const auto read = [&](const auto* indexes, const auto* names, const char* what, std::vector<FilePort>& ports) {
      if (!indexes) return;
      for (const int32_t index : *indexes) {
        FilePort port = PortOf(graph, index, what);
        for (flatbuffers::uoffset_t i = 0; names && i < names->size(); ++i) {
          if (names->Get(i)->tensor_index() == static_cast<uint32_t>(index) && names->Get(i)->name())
            port.name = names->Get(i)->name()->str();
        }
        if (&ports == &facts_.inputs)
          stored_.push_back(ShapeOf(TensorAt(graph, index, "the list of inputs")).value_or(Shape{}));
        ports.push_back(std::move(port));
      }
    };
    read(graph.inputs(), signature ? signature->inputs() : nullptr, "input", facts_.inputs);
    read(graph.outputs(), signature ? signature->outputs() : nullptr, "output", facts_.outputs);
  }

  uint64_t BytesOf(const tflite::Tensor& tensor) const {
    const auto* buffers = model_.buffers();
    const uint32_t count = buffers ? buffers->size() : 0;
    if (tensor.buffer() >= count && tensor.buffer() != 0)
      throw Invalid(fmt::format("tensor '{}' names buffer {}, the file has {}",
                                tensor.name() ? tensor.name()->str() : "", tensor.buffer(), count));
    if (count == 0 || !buffers->Get(tensor.buffer())->data()) return 0;
    return buffers->Get(tensor.buffer())->data()->size();
  }

  void CountWeights() {
    Census& census = facts_.census;
    std::set<uint32_t> counted;  // tensors may share a buffer
    for (size_t i = 0; i < model_.subgraphs()->size(); ++i) {
      if (!Subgraph(i).tensors()) continue;
      for (const tflite::Tensor* tensor : *Subgraph(i).tensors()) {
        census.quantised |= IsQuantised(*tensor);
        const uint64_t bytes = BytesOf(*tensor);
        if (bytes == 0 || !counted.insert(tensor->buffer()).second) continue;
        census.weight_bytes += bytes;
        census.bytes_by_type[TypeName(tensor->type())] += bytes;
        // Whole numbers of 32 and 64 bits are shapes and axes, unless they are a quantised layer's bias.
        const bool whole = tensor->type() == TensorType::INT32 || tensor->type() == TensorType::INT64 ||
                           tensor->type() == TensorType::BOOL || tensor->type() == TensorType::STRING;
        int64_t sum = 0;
        if ((whole && !IsQuantised(*tensor)) ||
            __builtin_add_overflow(census.parameters, CheckedProduct(*ShapeOf(tensor)).value_or(0), &sum))
          continue;
        census.parameters = sum;
      }
    }
  }

  std::string NameOf(const tflite::Operator& op, BuiltinOperator* code) const {
    const auto* codes = model_.operator_codes();
    const uint32_t count = codes ? codes->size() : 0;
    if (op.opcode_index() >= count)
      throw Invalid(fmt::format("an operator names operator code {}, the file has {}", op.opcode_index(), count));
    const tflite::OperatorCode* entry = codes->Get(op.opcode_index());
    // Codes below 127 may stand in the older field alone.
    *code = static_cast<BuiltinOperator>(
        std::max(static_cast<int>(entry->builtin_code()), static_cast<int>(entry->deprecated_builtin_code())));
    if (*code == BuiltinOperator::CUSTOM)
      return "custom." + (entry->custom_code() ? entry->custom_code()->str() : std::string("?"));
    const std::string name = tflite::EnumNameBuiltinOperator(*code);
    return name.empty() ? fmt::format("operator {}", static_cast<int>(*code)) : name;
  }

  std::optional<int64_t> MultiplyAdds(const tflite::SubGraph& graph, const tflite::Operator& op, BuiltinOperator code,
                                      const std::string& name) const {
    const auto at = [&](const auto* list, flatbuffers::uoffset_t index) {
      return ShapeOf(list && index < list->size() ? TensorAt(graph, list->Get(index), name) : nullptr);
    };
    // `elements` take part, each, in as many multiplications as the weight has numbers beside the axes in `shared`.
    const auto product = [&](std::optional<Shape> elements, std::optional<Shape> weight, size_t rank,
                             std::initializer_list<size_t> shared) -> std::optional<int64_t> {
      if (!elements || !weight || weight->size() != rank) return std::nullopt;
      for (const size_t axis : shared) (*weight)[axis] = 1;
      elements->insert(elements->end(), weight->begin(), weight->end());
      return CheckedProduct(*elements);
    };
    switch (code) {
      case BuiltinOperator::CONV_2D:
        return product(at(op.outputs(), 0), at(op.inputs(), 1), 4, {0});
      case BuiltinOperator::DEPTHWISE_CONV_2D:
        return product(at(op.outputs(), 0), at(op.inputs(), 1), 4, {3});
      case BuiltinOperator::FULLY_CONNECTED:
        return product(at(op.outputs(), 0), at(op.inputs(), 1), 2, {0});
      case BuiltinOperator::CONV_3D:  // weights: depth, height, width, in, out
        return product(at(op.outputs(), 0), at(op.inputs(), 1), 5, {4});
      case BuiltinOperator::TRANSPOSE_CONV:  // inputs: shape of the result, weights (out, height, width, in), data
        return product(at(op.inputs(), 2), at(op.inputs(), 1), 4, {3});
      case BuiltinOperator::BATCH_MATMUL: {
        const auto left = at(op.inputs(), 0);
        auto out = at(op.outputs(), 0);
        if (!left || left->size() < 2 || !out) return std::nullopt;
        const auto* options = op.builtin_options_as_BatchMatMulOptions();
        out->push_back((*left)[left->size() - (options && options->adj_x() ? 2 : 1)]);
        return CheckedProduct(*out);
      }
      default:
        return 0;
    }
  }

  static bool IsUncounted(BuiltinOperator code) {
    static const std::set<BuiltinOperator> kUncounted{BuiltinOperator::LSTM,
                                                      BuiltinOperator::RNN,
                                                      BuiltinOperator::SVDF,
                                                      BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_RNN,
                                                      BuiltinOperator::BIDIRECTIONAL_SEQUENCE_RNN,
                                                      BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_LSTM,
                                                      BuiltinOperator::BIDIRECTIONAL_SEQUENCE_LSTM,
                                                      BuiltinOperator::CONV_3D_TRANSPOSE,
                                                      BuiltinOperator::RFFT2D,
                                                      BuiltinOperator::CUSTOM};
    return kUncounted.contains(code);
  }

  void CountOperators(const tflite::SubGraph& graph, bool main) {
    Census& census = facts_.census;
    if (!graph.operators()) return;
    for (const tflite::Operator* op : *graph.operators()) {
      BuiltinOperator code{};
      const std::string name = NameOf(*op, &code);
      ++census.nodes;
      ++census.operators[name];
      census.quantised |= code == BuiltinOperator::QUANTIZE;
      const auto count = MultiplyAdds(graph, *op, code, name);
      if (IsUncounted(code) || (!main && count != 0)) {
        census.not_counted.push_back(name);
      } else {
        AddCount(census, count, name);
      }
    }
  }

  // The file's shapes hold one batch, the stored one; every layer's work is proportional to it.
  void Finish(std::optional<int64_t> batch) {
    Census& census = facts_.census;
    int64_t stored = 1;
    bool free = false;
    for (size_t i = 0; i < facts_.inputs.size(); ++i) {
      const auto& shape = facts_.inputs[i].shape;
      if (!shape || shape->empty() || shape->front() != kFree) continue;
      if (free && stored != stored_[i].front()) batch.reset();
      free = true;
      stored = stored_[i].front();
    }
    if (!batch || stored < 1 || !census.without_shape.empty()) census.multiply_adds.reset();
    if (!census.multiply_adds || !free) return;
    int64_t scaled = 0;
    if (*census.multiply_adds % stored != 0 ||
        __builtin_mul_overflow(*census.multiply_adds / stored, *batch, &scaled)) {
      census.multiply_adds.reset();
    } else {
      census.multiply_adds = scaled;
    }
  }

  const std::filesystem::path& path_;
  const tflite::Model& model_;
  FileFacts facts_;
  std::vector<Shape> stored_;  // of the inputs, with the file's own batch
};

const tflite::Model& Verified(const std::filesystem::path& path, const std::string& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (!tflite::VerifyModelBuffer(verifier))
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: a TFLite file that is damaged or cut short: an offset in it leads outside the file",
                            path.string()));
  return *tflite::GetModel(bytes.data());
}

void AddName(const flatbuffers::String* name, std::vector<std::string>& names) {
  if (name && std::ranges::find(names, name->str()) == names.end()) names.push_back(name->str());
}

}  // namespace

std::vector<std::string> TflitePortNames(const std::filesystem::path& path) {
  const std::string bytes = core::ReadFile(path, kMostBytes);
  const tflite::Model& model = Verified(path, bytes);
  std::vector<std::string> names;
  if (const auto* signatures = model.signature_defs()) {
    for (const tflite::SignatureDef* signature : *signatures) {
      for (const auto* maps : {signature->inputs(), signature->outputs()}) {
        if (!maps) continue;
        for (const tflite::TensorMap* map : *maps) AddName(map->name(), names);
      }
    }
  }
  if (!model.subgraphs()) return names;
  for (const tflite::SubGraph* graph : *model.subgraphs()) {
    for (const auto* ports : {graph->inputs(), graph->outputs()}) {
      if (!ports || !graph->tensors()) continue;
      for (const int32_t index : *ports) {
        if (index >= 0 && static_cast<uint32_t>(index) < graph->tensors()->size())
          AddName(graph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index))->name(), names);
      }
    }
  }
  return names;
}

FileFacts ReadTfliteFacts(const std::filesystem::path& path, const ChooseShapes& choose) {
  const std::string bytes = core::ReadFile(path, kMostBytes);
  return Reader(path, Verified(path, bytes)).Read(choose);
}

}  // namespace bakeoff::graph
