// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Facts about frozen graphs and SavedModels: what the outputs of one signature need, functions expanded.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/formats.h"
#include "core/text.h"
#include "graph/files/facts.h"
#include "graph/files/graph_def.h"
#include "graph/files/graph_def_shapes.h"

namespace bakeoff::graph {
namespace {

constexpr size_t kMostBytes = size_t{2} << 30;  // protobuf's limit
constexpr int kMostDepth = 50;                  // functions that call functions
constexpr int64_t kMostNodes = 1'000'000;       // with functions expanded

// "node", which of its outputs, and what the output is called where functions say it.
struct Reference {
  std::string node, output;
  size_t index = 0;
};

Reference ParseReference(const std::string& text) {
  const auto parts = core::Split(text, ':');
  Reference reference{parts.empty() ? "" : parts[0], parts.size() > 2 ? parts[1] : "", 0};
  if (parts.size() > 1) {
    const auto index = core::ParseInt(parts.back());
    if (!index || *index < 0 || *index > 65535)
      throw Error(ErrorCode::kInvalidModel, fmt::format("damaged: '{}' names no output of a node", text));
    reference.index = static_cast<size_t>(*index);
  }
  return reference;
}

bool IsCall(const DefNode& node) {
  return node.op == "PartitionedCall" || node.op == "StatefulPartitionedCall";
}

bool IsVariable(const DefNode& node) {
  return node.op == "VarHandleOp" || node.op == "VariableV2" || node.op == "Variable";
}

// What stands for data or for a call is no operator.
bool IsOperator(const DefNode& node) {
  static const std::set<std::string_view> kOthers{"Const", "Placeholder", "PlaceholderWithDefault", "ReadVariableOp",
                                                  "NoOp"};
  return !kOthers.contains(node.op) && !IsVariable(node) && !IsCall(node);
}

bool IsQuantised(const DefNode& node) {
  return node.op.starts_with("Quantize") || node.op.starts_with("FakeQuant") || node.op.starts_with("Dequantize") ||
         node.op.starts_with("UniformQuantize");
}

bool IsUncounted(const DefNode& node) {
  static const std::set<std::string_view> kUncounted{"Einsum",
                                                     "BlockLSTM",
                                                     "BlockLSTMV2",
                                                     "LSTMBlockCell",
                                                     "GRUBlockCell",
                                                     "CudnnRNN",
                                                     "CudnnRNNV2",
                                                     "CudnnRNNV3",
                                                     "XlaDotV2",
                                                     "XlaConvV2",
                                                     "FFT",
                                                     "FFT2D",
                                                     "RFFT",
                                                     "Conv3DBackpropInputV2",
                                                     "SparseTensorDenseMatMul"};
  if (kUncounted.contains(node.op) || node.op.starts_with("QuantizedConv") || node.op.starts_with("QuantizedMatMul"))
    return true;
  // Conditions and loops.
  return !IsCall(node) &&
         std::ranges::any_of(node.attributes, [](const auto& entry) { return !entry.second.function.empty(); });
}

// One walk over what an output needs. A function is walked at every call with the shapes of that call.
class Walk {
 public:
  Walk(const GraphDef& graph, std::optional<int64_t> batch, Census& census)
      : graph_(graph), batch_(batch), census_(census) {}

  // Values of `wanted`; `given` are the placeholders' shapes by node, or a function's arguments.
  std::vector<DefValue> Run(const std::vector<DefNode>& nodes, const std::vector<std::string>& wanted,
                            const std::map<std::string, DefValue>& given, const std::string& function, int depth) {
    std::map<std::string_view, const DefNode*> by_name;
    for (const DefNode& node : nodes) by_name[node.name] = &node;
    std::map<std::string_view, std::vector<DefValue>> done;
    for (const std::string& text : wanted) Reach(by_name, done, given, ParseReference(text).node, function, depth);
    std::vector<DefValue> values;
    for (const std::string& text : wanted) values.push_back(ValueOf(by_name, done, given, text));
    return values;
  }

  bool took_batch() const { return took_batch_; }

 private:
  using ByName = std::map<std::string_view, const DefNode*>;
  using Done = std::map<std::string_view, std::vector<DefValue>>;
  using Given = std::map<std::string, DefValue>;

  // Everything that `start` needs, then itself; an own stack, because a network may be deeper than the program's.
  void Reach(const ByName& by_name, Done& done, const Given& given, const std::string& start,
             const std::string& function, int depth) {
    std::vector<std::pair<const DefNode*, bool>> stack;
    std::set<const DefNode*> open;
    const auto push = [&](const std::string& name, const std::string& user) {
      if (done.contains(name) || (!function.empty() && given.contains(name))) return;
      const auto found = by_name.find(name);
      if (found == by_name.end())
        throw Error(ErrorCode::kInvalidModel, fmt::format("{} uses '{}', which the graph has not", user, name));
      stack.emplace_back(found->second, false);
    };
    push(start, "an output");
    while (!stack.empty()) {
      const auto [node, ready] = stack.back();
      if (done.contains(node->name)) {
        stack.pop_back();
      } else if (ready) {
        stack.pop_back();
        open.erase(node);
        std::vector<DefValue> inputs;
        for (const std::string& input : node->inputs) {
          if (!input.starts_with('^')) inputs.push_back(ValueOf(by_name, done, given, input));
        }
        done[node->name] = Visit(*node, inputs, given, function, depth);
      } else {
        // A loop of the first generation of control flow: its shapes are not followed.
        if (!open.insert(node).second) {
          stack.pop_back();
          continue;
        }
        stack.back().second = true;
        for (const std::string& input : node->inputs) {
          if (!input.starts_with('^')) push(ParseReference(input).node, fmt::format("node '{}'", node->name));
        }
      }
    }
  }

  static DefValue ValueOf(const ByName& by_name, const Done& done, const Given& given, const std::string& text) {
    const Reference reference = ParseReference(text);
    if (const auto argument = given.find(reference.node); argument != given.end() && !by_name.contains(reference.node))
      return argument->second;
    const auto found = done.find(reference.node);
    if (found == done.end()) return {};
    size_t index = reference.index;
    // In functions the number counts within the named output; those that follow the first are named here.
    static const std::map<std::string_view, size_t> kLater{
        {"indices", 1}, {"batch_mean", 1}, {"batch_variance", 2}, {"idx", 1}};
    if (const auto later = kLater.find(reference.output); later != kLater.end()) index += later->second;
    return index < found->second.size() ? found->second[index] : DefValue{};
  }

  std::vector<DefValue> Visit(const DefNode& node, const std::vector<DefValue>& inputs, const Given& given,
                              const std::string& function, int depth) {
    if (++visited_ > kMostNodes)
      throw Error(ErrorCode::kInvalidModel, fmt::format("its functions expand to more than {} nodes", kMostNodes));
    if (IsCall(node)) return Call(node, inputs, depth);
    std::vector<DefValue> outputs;
    if (IsVariable(node)) {
      outputs = {{CountVariable(node, function), {}}};
    } else if (const auto input = given.find(node.name); input != given.end()) {
      outputs = {input->second};
    } else {
      if (node.op == "Const") CountConstant(node, function);
      outputs = InferOutputs(node, inputs);
      TakeStoredShapes(node, outputs);
    }
    if (IsOperator(node)) {
      ++census_.nodes;
      ++census_.operators[node.op];
      census_.quantised |= IsQuantised(node);
      const std::string text = fmt::format("node '{}' ({})", node.name, node.op);
      if (IsUncounted(node)) {
        census_.not_counted.push_back(text);
      } else {
        AddCount(census_, MultiplyAdds(node, inputs, outputs.empty() ? DefValue{} : outputs[0]), text);
      }
    }
    return outputs;
  }

  std::vector<DefValue> Call(const DefNode& node, const std::vector<DefValue>& inputs, int depth) {
    const DefAttribute* called = node.Find("f");
    const auto found = called ? graph_.functions.find(called->function) : graph_.functions.end();
    if (found == graph_.functions.end())
      throw Error(ErrorCode::kInvalidModel, fmt::format("node '{}' calls the function '{}', which the file has not",
                                                        node.name, called ? called->function : ""));
    if (depth >= kMostDepth)
      throw Error(ErrorCode::kInvalidModel, fmt::format("functions call each other more than {} deep", kMostDepth));
    const DefFunction& function = found->second;
    Given arguments;
    for (size_t i = 0; i < function.arguments.size(); ++i)
      arguments[function.arguments[i]] = i < inputs.size() ? inputs[i] : DefValue{};
    std::vector<std::string> wanted;
    for (const std::string& result : function.results) {
      const auto tensor = function.returns.find(result);
      if (tensor == function.returns.end())
        throw Error(ErrorCode::kInvalidModel,
                    fmt::format("the function '{}' does not return its result '{}'", function.name, result));
      wanted.push_back(tensor->second);
    }
    return Run(function.nodes, wanted, arguments, function.name, depth + 1);
  }

  // Where no rule knows the shape, what the writer of the file knew: there the batch is the only free extent.
  void TakeStoredShapes(const DefNode& node, std::vector<DefValue>& outputs) {
    const DefAttribute* stored = node.Find("_output_shapes");
    if (!stored) return;
    if (outputs.size() < stored->shapes.size() && stored->shapes.size() <= 4096) outputs.resize(stored->shapes.size());
    for (size_t i = 0; i < outputs.size() && i < stored->shapes.size(); ++i) {
      if (outputs[i].shape || !stored->shapes[i].extents) continue;
      Shape shape = *stored->shapes[i].extents;
      const bool free = !shape.empty() && shape[0] == kFree;
      if (free && batch_) shape[0] = *batch_;
      if (std::ranges::find(shape, kFree) != shape.end()) continue;
      took_batch_ |= free;
      outputs[i].shape = std::move(shape);
    }
  }

  void Count(const std::optional<Shape>& shape, int type_number) {
    const DefType* type = FindDefType(type_number);
    const auto count = shape ? CheckedProduct(*shape) : std::nullopt;
    if (!type || !count || type->bytes == 0) return;
    const auto bytes = CheckedProduct({*count, type->bytes});
    int64_t sum = 0;
    if (!bytes || __builtin_add_overflow(census_.parameters, *count, &sum)) return;
    census_.weight_bytes += static_cast<uint64_t>(*bytes);
    census_.bytes_by_type[type->name] += static_cast<uint64_t>(*bytes);
    census_.quantised |= type->quantised;
    if (!type->whole) census_.parameters = sum;
  }

  std::optional<Shape> CountVariable(const DefNode& node, const std::string& function) {
    const DefAttribute *shape = node.Find("shape"), *type = node.Find("dtype");
    const std::optional<Shape> extents = shape && shape->shape ? shape->shape->extents : std::nullopt;
    if (type && counted_.insert(function + "/" + node.name).second) Count(extents, type->type);
    return extents;
  }

  void CountConstant(const DefNode& node, const std::string& function) {
    const DefAttribute* value = node.Find("value");
    if (value && value->tensor && counted_.insert(function + "/" + node.name).second)
      Count(value->tensor->shape.extents, value->tensor->type);
  }

  const GraphDef& graph_;
  std::optional<int64_t> batch_;
  Census& census_;
  std::set<std::string> counted_;  // shared by all calls of a function
  int64_t visited_ = 0;
  bool took_batch_ = false;
};

FilePort PortOf(const DefPort& port) {
  return {port.name, DefTypeName(port.type), port.shape.extents};
}

// Where every free extent of the inputs is a first one, and all of them are the same.
std::optional<int64_t> BatchOf(const FileFacts& facts) {
  std::optional<int64_t> batch;
  for (const FilePort& input : facts.inputs) {
    const auto chosen = facts.counted_for.find(input.name);
    if (!input.shape || chosen == facts.counted_for.end() || chosen->second.size() != input.shape->size())
      return std::nullopt;
    for (size_t axis = 0; axis < input.shape->size(); ++axis) {
      if ((*input.shape)[axis] != kFree) continue;
      if (axis > 0 || (batch && *batch != chosen->second[0])) return std::nullopt;
      batch = chosen->second[0];
    }
  }
  return batch;
}

// Of outputs whose shapes the file does not tell, those that were computed. What another size of the free extents
// changes is free.
void TellOutputShapes(const GraphDef& graph, const DefSignature& signature, const std::vector<std::string>& wanted,
                      std::map<std::string, DefValue> given, const std::vector<DefValue>& results, FileFacts& facts) {
  const auto told = [](const FilePort& port) { return port.shape.has_value(); };
  if (std::ranges::all_of(facts.outputs, told)) return;
  for (size_t i = 0; i < signature.inputs.size(); ++i) {
    auto& shape = given[ParseReference(signature.inputs[i].tensor).node].shape;
    for (size_t axis = 0; shape && axis < shape->size(); ++axis) {
      if ((*facts.inputs[i].shape)[axis] == kFree) ++(*shape)[axis];
    }
  }
  Census unused;
  const auto others = Walk(graph, {}, unused).Run(graph.nodes, wanted, given, "", 0);
  for (size_t i = 0; i < facts.outputs.size(); ++i) {
    const auto &shape = results[i].shape, &other = others[i].shape;
    if (facts.outputs[i].shape || !shape || !other || shape->size() != other->size()) continue;
    facts.outputs[i].shape = shape;
    for (size_t axis = 0; axis < shape->size(); ++axis) {
      if ((*shape)[axis] != (*other)[axis]) (*facts.outputs[i].shape)[axis] = kFree;
    }
  }
}

FileFacts FactsOf(const GraphDef& graph, const DefSignature& signature, const ChooseShapes& choose) {
  FileFacts facts;
  facts.file_version = graph.producer;
  for (const DefPort& port : signature.inputs) facts.inputs.push_back(PortOf(port));
  for (const DefPort& port : signature.outputs) facts.outputs.push_back(PortOf(port));
  facts.counted_for = choose(facts.inputs);
  std::map<std::string, DefValue> given;
  std::vector<std::string> wanted;
  for (const DefPort& port : signature.inputs) {
    const auto chosen = facts.counted_for.find(port.name);
    given[ParseReference(port.tensor).node] = {
        chosen == facts.counted_for.end() ? std::nullopt : std::optional(chosen->second), {}};
  }
  for (const DefPort& port : signature.outputs) wanted.push_back(port.tensor);
  facts.census.multiply_adds = 0;
  const auto batch = BatchOf(facts);
  Walk walk(graph, batch, facts.census);
  const auto results = walk.Run(graph.nodes, wanted, given, "", 0);
  TellOutputShapes(graph, signature, wanted, given, results, facts);
  if (!facts.census.without_shape.empty() || (facts.counted_for.empty() && !facts.inputs.empty()))
    facts.census.multiply_adds.reset();
  if (facts.census.multiply_adds && walk.took_batch())
    facts.notes.push_back("multiply-adds take every free first extent inside the network for the batch");
  return facts;
}

// A graph without signatures: fed at its placeholders, read where nothing reads any more.
DefSignature EdgesOf(const GraphDef& graph) {
  std::set<std::string> used;
  for (const DefNode& node : graph.nodes) {
    for (const std::string& input : node.inputs)
      used.insert(ParseReference(input.starts_with('^') ? input.substr(1) : input).node);
  }
  DefSignature signature;
  for (const DefNode& node : graph.nodes) {
    const DefAttribute *type = node.Find("dtype"), *shape = node.Find("shape");
    if (node.op == "Placeholder") {
      signature.inputs.push_back(
          {node.name, node.name, type ? type->type : 0, shape && shape->shape ? *shape->shape : DefShape{}});
    } else if (!used.contains(node.name) && node.op != "NoOp" && node.op != "Const") {
      const DefAttribute* its = node.Find("T");
      signature.outputs.push_back({node.name, node.name, its ? its->type : 0, {}});
    }
  }
  return signature;
}

const GraphDef& Choose(const std::vector<GraphDef>& graphs, std::vector<std::string>& notes) {
  const auto serving = std::ranges::find_if(
      graphs, [](const GraphDef& graph) { return std::ranges::find(graph.tags, "serve") != graph.tags.end(); });
  const GraphDef& chosen = serving == graphs.end() ? graphs.front() : *serving;
  if (serving == graphs.end() || graphs.size() > 1)
    notes.push_back(fmt::format("of {} graph{}, the one tagged '{}'", graphs.size(), graphs.size() == 1 ? "" : "s",
                                core::Join(chosen.tags, ",")));
  return chosen;
}

std::string ChooseSignature(const GraphDef& graph, std::vector<std::string>& notes) {
  std::vector<std::string> names;
  for (const auto& [name, signature] : graph.signatures) {
    if (!name.starts_with("__")) names.push_back(name);
  }
  if (names.empty()) return "";
  const bool usual = graph.signatures.contains("serving_default");
  const std::string chosen = usual ? "serving_default" : names.front();
  std::erase(names, chosen);
  if (!names.empty() || !usual)
    notes.push_back(fmt::format("the figures are those of the signature '{}'{}{}", chosen,
                                names.empty() ? "" : "; the others: ", core::Join(names, ", ")));
  return chosen;
}

}  // namespace

FileFacts ReadFrozenFacts(const std::filesystem::path& path, const ChooseShapes& choose) {
  const std::string bytes = core::ReadFile(path, kMostBytes);
  try {
    const GraphDef graph = ParseGraphDef(bytes);
    const DefSignature edges = EdgesOf(graph);
    if (edges.outputs.empty()) throw Error(ErrorCode::kInvalidModel, "the graph has no outputs");
    return FactsOf(graph, edges, choose);
  } catch (const Error& error) {
    throw error.With(path.string());
  }
}

std::vector<std::string> SavedModelPortNames(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "saved_model.pb";
  const std::string bytes = core::ReadFile(file, kMostBytes);
  std::vector<std::string> names;
  try {
    for (const GraphDef& graph : ParseSavedModel(bytes)) {
      for (const auto& [signature, ends] : graph.signatures) {
        for (const auto* ports : {&ends.inputs, &ends.outputs}) {
          for (const DefPort& port : *ports) names.push_back(port.name);
        }
      }
    }
  } catch (const Error& error) {
    throw error.With(file.string());
  }
  return names;
}

FileFacts ReadSavedModelFacts(const std::filesystem::path& path, const ChooseShapes& choose) {
  const std::filesystem::path file = path / "saved_model.pb";
  const std::string bytes = core::ReadFile(file, kMostBytes);
  try {
    const std::vector<GraphDef> graphs = ParseSavedModel(bytes);
    if (graphs.empty()) throw Error(ErrorCode::kInvalidModel, "damaged or cut short: it holds no graph");
    std::vector<std::string> notes;
    const GraphDef& graph = Choose(graphs, notes);
    const std::string name = ChooseSignature(graph, notes);
    if (name.empty()) throw Error(ErrorCode::kUnsupported, "the graph has no signature that says what goes in and out");
    FileFacts facts = FactsOf(graph, graph.signatures.at(name), choose);
    facts.notes.insert(facts.notes.begin(), notes.begin(), notes.end());
    if (!graph.library_version.empty()) {
      // The vendor's name is the table's to know.
      const auto title = core::Split(std::string(core::FindFormat("savedmodel")->title), ' ');
      facts.producer = fmt::format("{} {}", title.front(), graph.library_version);
    }
    return facts;
  } catch (const Error& error) {
    throw error.With(file.string());
  }
}

}  // namespace bakeoff::graph
