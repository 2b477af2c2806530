// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Facts about a network that is written as XML, <net> with layers and edges, its constants in a file beside it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"
#include "graph/files/facts.h"
#include "graph/files/xml.h"

namespace bakeoff::graph {
namespace {

constexpr size_t kMostBytes = size_t{256} << 20;  // text only, the constants are elsewhere

std::string TypeName(std::string_view type) {
  static const std::map<std::string, std::string, std::less<>> kLong{
      {"fp32", "f32"}, {"fp16", "f16"}, {"fp64", "f64"}, {"boolean", "bool"}};
  const std::string lower = core::Lower(type);
  const auto found = kLong.find(lower);
  return found == kLong.end() ? lower : found->second;
}

class Reader {
 public:
  Reader(const std::filesystem::path& path, const XmlElement& net) : path_(path), net_(net) {}

  FileFacts Read(const ChooseShapes& choose) {
    if (net_.name != "net") throw Invalid(net_, fmt::format("the root is <{}>, not <net>", net_.name));
    const XmlElement& layers = Needed(net_, "layers");
    facts_.file_version = Number(net_, "version");
    facts_.producer = Producer();
    ReadPorts(layers);
    facts_.counted_for = choose(facts_.inputs);
    std::vector<Shape> usual;
    for (const FilePort& input : facts_.inputs) usual.push_back(input.shape.value_or(Shape{}));
    if (!facts_.counted_for.empty() || facts_.inputs.empty())
      batch_ = CommonBatch(facts_.inputs, facts_.counted_for, usual, facts_);
    facts_.census.multiply_adds = 0;
    CountLayers(layers, true);
    CheckWeights();
    if (!batch_ || !facts_.census.without_shape.empty()) facts_.census.multiply_adds.reset();
    if (batch_ && took_batch_)
      facts_.notes.push_back("multiply-adds take every free first extent inside the network for the batch");
    return std::move(facts_);
  }

  // Every name of the tensors that go in and out.
  std::vector<std::string> PortNames() {
    ReadPorts(Needed(net_, "layers"));
    return std::move(names_);
  }

 private:
  Error Invalid(const XmlElement& at, const std::string& why) const {
    return Error(ErrorCode::kInvalidModel, fmt::format("{}: line {}: {}", path_.string(), at.line, why));
  }

  const XmlElement& Needed(const XmlElement& parent, std::string_view child) const {
    const XmlElement* found = parent.Child(child);
    if (!found) throw Invalid(parent, fmt::format("<{}> has no <{}>", parent.name, child));
    return *found;
  }

  int64_t Number(const XmlElement& element, std::string_view attribute) const {
    const auto number = core::ParseInt(element.Get(attribute));
    if (!number || *number < 0)
      throw Invalid(element, fmt::format("attribute '{}' of <{}> is '{}', not a number from 0 on", attribute,
                                         element.name, core::Brief(element.Get(attribute), 40)));
    return *number;
  }

  // "name" and version of who wrote the file: the first <info> whose name speaks of a runtime, or the converter's own.
  std::string Producer() const {
    const XmlElement* info = net_.Child("rt_info");
    if (!info) return "";
    std::string producer;
    for (const XmlElement& entry : info->children) {
      const std::string name(entry.name == "info" ? entry.Get("name") : std::string_view(entry.name));
      const bool runtime = name.ends_with(" Runtime");
      const bool converter = name == "MO_version";
      if (!runtime && !converter) continue;
      const std::string title = runtime ? name.substr(0, name.rfind(' ')) : "Model Optimizer";
      producer += fmt::format("{}{} {}", producer.empty() ? "" : ", ", title, entry.Get("value"));
    }
    return producer;
  }

  FilePort PortOf(const XmlElement& port) const {
    FilePort result{std::string(port.Get("names").substr(0, port.Get("names").find(','))),
                    TypeName(port.Get("precision")), Shape{}};
    for (const XmlElement& child : port.children) {
      if (child.name != "dim") continue;
      const auto extent = core::ParseInt(child.text);
      if (!extent || *extent < kFree)
        throw Invalid(child, fmt::format("a dimension is '{}', not a number from -1 on", core::Brief(child.text, 40)));
      result.shape->push_back(*extent);
    }
    // A port of an open rank says so by an attribute in place of dimensions.
    if (core::ParseBool(port.Get("rank_dynamic")).value_or(false) || port.Get("shape") == "...") result.shape.reset();
    return result;
  }

  static const XmlElement* PortAt(const XmlElement& layer, std::string_view side, size_t index) {
    const XmlElement* list = layer.Child(side);
    if (!list) return nullptr;
    for (const XmlElement& port : list->children) {
      if (port.name == "port" && index-- == 0) return &port;
    }
    return nullptr;
  }

  void ReadPorts(const XmlElement& layers) {
    // (layer, port) that a layer's first input comes from.
    std::map<std::string, std::pair<std::string, std::string>, std::less<>> sources;
    if (const XmlElement* edges = net_.Child("edges")) {
      for (const XmlElement& edge : edges->children)
        sources.emplace(edge.Get("to-layer"), std::pair(edge.Get("from-layer"), edge.Get("from-port")));
    }
    std::map<std::string, const XmlElement*, std::less<>> by_id;
    for (const XmlElement& layer : layers.children) {
      if (!by_id.emplace(layer.Get("id"), &layer).second)
        throw Invalid(layer, fmt::format("two layers have the id '{}'", core::Brief(layer.Get("id"), 40)));
    }
    for (const XmlElement& layer : layers.children) {
      const bool input = layer.Get("type") == "Parameter";
      if (!input && layer.Get("type") != "Result") continue;
      const XmlElement* port = PortAt(layer, input ? "output" : "input", 0);
      if (!port) throw Invalid(layer, fmt::format("layer '{}' has no port", layer.Get("name")));
      FilePort fact = PortOf(*port);
      if (input) AddNames(port->Get("names"));
      if (!input) fact.name = OutputName(layer, sources, by_id);
      if (fact.name.empty()) fact.name = layer.Get("name");
      names_.push_back(fact.name);
      (input ? facts_.inputs : facts_.outputs).push_back(std::move(fact));
    }
  }

  void AddNames(std::string_view list) {
    for (std::string& name : core::Split(list, ',')) {
      if (!name.empty()) names_.push_back(std::move(name));
    }
  }

  template <typename Sources, typename Layers>
  std::string OutputName(const XmlElement& result, const Sources& sources, const Layers& by_id) {
    const std::string_view own = result.Get("output_names");
    AddNames(own);
    if (!own.empty()) return std::string(own.substr(0, own.find(',')));
    const auto source = sources.find(result.Get("id"));
    const auto layer = source == sources.end() ? by_id.end() : by_id.find(source->second.first);
    if (layer == by_id.end())
      throw Invalid(result, fmt::format("no edge leads to the result '{}'", result.Get("name")));
    if (const XmlElement* ports = layer->second->Child("output")) {
      for (const XmlElement& port : ports->children) {
        if (port.Get("id") != source->second.second) continue;
        AddNames(port.Get("names"));
        const std::string name = PortOf(port).name;
        if (!name.empty()) return name;
      }
    }
    return std::string(layer->second->Get("name"));
  }

  void CountConstant(const XmlElement& layer) {
    Census& census = facts_.census;
    const XmlElement& data = Needed(layer, "data");
    const int64_t size = Number(data, "size"), offset = Number(data, "offset");
    int64_t end = 0;
    if (__builtin_add_overflow(offset, size, &end))
      throw Invalid(data, fmt::format("constant '{}' ends at no place that a file has", layer.Get("name")));
    if (end > weights_end_) {
      weights_end_ = end;
      last_constant_ = std::string(layer.Get("name"));
    }
    const std::string type = TypeName(data.Get("element_type"));
    // Constants may share their bytes.
    if (!counted_.emplace(offset, size).second) return;
    census.weight_bytes += static_cast<uint64_t>(size);
    census.bytes_by_type[type] += static_cast<uint64_t>(size);
    static const std::set<std::string, std::less<>> kWhole{"i64", "u64", "i32", "u32", "bool", "string"};
    if (kWhole.contains(type)) return;  // shapes, axes, masks
    std::vector<int64_t> factors;
    for (const std::string& part : core::Split(data.Get("shape"), ',')) {
      const std::string_view extent = core::Trim(part);
      if (extent.empty()) continue;  // a single number
      const auto value = core::ParseInt(extent);
      if (!value || *value < 0)
        throw Invalid(data, fmt::format("the shape of constant '{}' is '{}'", layer.Get("name"),
                                        core::Brief(data.Get("shape"), 40)));
      factors.push_back(*value);
    }
    const auto count = CheckedProduct(factors);
    if (!count || __builtin_add_overflow(census.parameters, *count, &census.parameters))
      throw Invalid(data, fmt::format("constant '{}' is larger than any memory", layer.Get("name")));
    const bool narrow = type.starts_with("i") || type.starts_with("u") || type.starts_with("nf");
    census.quantised |= narrow && *count > 1;
  }

  // Of the port, with the batch in place of a free first extent; nothing where another extent is free.
  std::optional<Shape> StaticShape(const XmlElement& layer, std::string_view side, size_t index) {
    const XmlElement* port = PortAt(layer, side, index);
    if (!port) return std::nullopt;
    auto shape = PortOf(*port).shape;
    if (!shape) return std::nullopt;
    if (!shape->empty() && shape->front() == kFree) {
      if (!batch_) return std::nullopt;
      shape->front() = *batch_;
      took_batch_ = true;
    }
    return std::ranges::find(*shape, kFree) == shape->end() ? shape : std::nullopt;
  }

  std::optional<int64_t> MultiplyAdds(const XmlElement& layer, std::string_view type) {
    if (type == "MatMul") {
      const auto left = StaticShape(layer, "input", 0);
      auto out = StaticShape(layer, "output", 0);
      if (!left || left->empty() || !out) return std::nullopt;
      const XmlElement* data = layer.Child("data");
      const bool turned = data && left->size() > 1 && core::ParseBool(data->Get("transpose_a")).value_or(false);
      out->push_back((*left)[left->size() - (turned ? 2 : 1)]);
      return CheckedProduct(*out);
    }
    // Weights are [out, in, ...], with a group axis in front where the layer has groups; the deconvolutions [in, out].
    // Each number of the counted tensor meets what is left of them once its own channel is fixed.
    const bool grouped = type.starts_with("Group");
    const bool back = type.ends_with("ConvolutionBackpropData");
    if (!back && type != "Convolution" && type != "GroupConvolution") return 0;
    const auto counted = StaticShape(layer, back ? "input" : "output", 0);
    auto factors = StaticShape(layer, "input", 1);
    if (!counted || !factors || factors->size() < (grouped ? 4U : 3U)) return std::nullopt;
    if (grouped) factors->erase(factors->begin());
    factors->front() = 1;
    factors->insert(factors->end(), counted->begin(), counted->end());
    return CheckedProduct(*factors);
  }

  static bool IsUncounted(std::string_view type) {
    static const std::set<std::string, std::less<>> kUncounted{"LSTMCell",
                                                               "LSTMSequence",
                                                               "GRUCell",
                                                               "GRUSequence",
                                                               "RNNCell",
                                                               "RNNSequence",
                                                               "Einsum",
                                                               "DeformableConvolution",
                                                               "DFT",
                                                               "ScaledDotProductAttention",
                                                               "BinaryConvolution"};
    return kUncounted.contains(type);
  }

  void CountLayers(const XmlElement& layers, bool main) {
    Census& census = facts_.census;
    for (const XmlElement& layer : layers.children) {
      const std::string type(layer.Get("type"));
      if (layer.name != "layer" || type.empty()) throw Invalid(layer, "a layer without a type");
      if (type == "Const") CountConstant(layer);
      if (type == "Const" || type == "Parameter" || type == "Result") continue;
      const std::string_view set = layer.Get("version");
      if (const auto version = core::ParseInt(set.substr(set.starts_with("opset") ? 5 : set.size())))
        facts_.opsets["opset"] = std::max(facts_.opsets["opset"], *version);
      ++census.nodes;
      ++census.operators[set.starts_with("opset") ? type : fmt::format("{}.{}", set, type)];
      census.quantised |= type == "FakeQuantize" || type == "FakeConvert";
      const auto count = MultiplyAdds(layer, type);
      const std::string name = fmt::format("{} '{}'", type, layer.Get("name"));
      if (IsUncounted(type) || (!main && count != 0)) {
        census.not_counted.push_back(name);
      } else {
        AddCount(census, count, name);
      }
      // Bodies of loops and branches.
      for (const XmlElement& child : layer.children) {
        if (const XmlElement* body = child.Child("layers")) CountLayers(*body, false);
      }
    }
  }

  void CheckWeights() const {
    if (weights_end_ == 0) return;
    const std::filesystem::path weights = std::filesystem::path(path_).replace_extension(".bin");
    std::error_code error;
    const auto size = std::filesystem::file_size(weights, error);
    if (error)
      throw Error(ErrorCode::kInvalidModel, fmt::format("{}: its weights should be beside it in {}: {}", path_.string(),
                                                        weights.filename().string(), error.message()));
    if (size < static_cast<uint64_t>(weights_end_))
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("{}: cut short: it has {} bytes, constant '{}' of {} ends at byte {}", weights.string(),
                              size, last_constant_, path_.filename().string(), weights_end_));
  }

  const std::filesystem::path& path_;
  const XmlElement& net_;
  FileFacts facts_;
  std::vector<std::string> names_;
  std::optional<int64_t> batch_;
  bool took_batch_ = false;
  std::set<std::pair<int64_t, int64_t>> counted_;
  int64_t weights_end_ = 0;
  std::string last_constant_;
};

XmlElement Parsed(const std::filesystem::path& path) {
  const std::string text = core::ReadFile(path, kMostBytes);
  try {
    return ParseXml(text);
  } catch (const Error& error) {
    throw error.With(path.string());
  }
}

}  // namespace

FileFacts ReadNetXmlFacts(const std::filesystem::path& path, const ChooseShapes& choose) {
  const XmlElement net = Parsed(path);
  return Reader(path, net).Read(choose);
}

std::vector<std::string> NetXmlPortNames(const std::filesystem::path& path) {
  const XmlElement net = Parsed(path);
  return Reader(path, net).PortNames();
}

}  // namespace bakeoff::graph
