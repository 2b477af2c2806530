// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A small machine for the pickles of torch.save(). LibTorch's own does not take the OrderedDict with attributes that
// model.state_dict() is. Opcodes: the documentation of Python's pickletools.
#include "train/torch_archive.h"

#include <ATen/Functions.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "bakeoff/error.h"
#include "core/format_probe.h"
#include "core/text.h"

namespace bakeoff::train {
namespace {

struct Object;
using Ref = Object*;  // of the unpickler, which owns all of them: a program may make cycles and chains of any length

// A storage is bytes of the archive with an element type.
struct Storage {
  std::string key;
  at::ScalarType type = at::kFloat;
};

// Something the program named: "collections.OrderedDict".
struct Global {
  std::string name;
};

struct Object {
  // Lists and tuples are the same here; a dict is a list of pairs in order.
  std::variant<std::monostate, int64_t, double, std::string, std::vector<Ref>, std::vector<std::pair<Ref, Ref>>, Global,
               Storage, at::Tensor>
      value;
};

// Thrown inside; the archive's reader adds the file's name.
[[noreturn]] void Bad(const std::string& what) {
  throw Error(ErrorCode::kInvalidModel, what);
}

template <typename T>
T& As(const Ref& ref, const char* what) {
  T* value = ref ? std::get_if<T>(&ref->value) : nullptr;
  if (!value) Bad(fmt::format("its pickle has something else where {} is wanted", what));
  return *value;
}

using List = std::vector<Ref>;
using Dict = std::vector<std::pair<Ref, Ref>>;

at::ScalarType StorageType(const std::string& name) {
  static const std::unordered_map<std::string, at::ScalarType> kTypes = {
      {"torch.FloatStorage", at::kFloat},       {"torch.DoubleStorage", at::kDouble}, {"torch.HalfStorage", at::kHalf},
      {"torch.BFloat16Storage", at::kBFloat16}, {"torch.LongStorage", at::kLong},     {"torch.IntStorage", at::kInt},
      {"torch.ShortStorage", at::kShort},       {"torch.CharStorage", at::kChar},     {"torch.ByteStorage", at::kByte},
      {"torch.BoolStorage", at::kBool}};
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) Bad(fmt::format("it has tensors of type {}, which are not read", name));
  return found->second;
}

class Unpickler {
 public:
  Unpickler(caffe2::serialize::PyTorchStreamReader& archive, uint64_t file_bytes, const char* data, size_t size)
      : archive_(archive), most_bytes_(file_bytes * kMostCopies), data_(data), size_(size) {}

  // The result lives as long as this.
  Ref Run() {
    while (true) {
      const char op = Take(1)[0];
      if (op == '.') return Pop();
      Step(op);
    }
  }

 private:
  template <typename T>
  Ref Make(T value) {
    return &objects_.emplace_back(Object{std::move(value)});
  }
  const char* Take(size_t count) {
    if (size_ - at_ < count) Bad("its pickle is cut short");
    const char* start = data_ + at_;
    at_ += count;
    return start;
  }
  template <typename T>
  T Number() {
    T value;
    std::memcpy(&value, Take(sizeof value), sizeof value);  // little-endian, as the machines that LibTorch runs on
    return value;
  }
  std::string Line() {
    const char* start = data_ + at_;
    const auto* end = static_cast<const char*>(std::memchr(start, '\n', size_ - at_));
    if (!end) Bad("its pickle is cut short");
    at_ += static_cast<size_t>(end - start) + 1;
    return {start, end};
  }
  Ref Pop() {
    if (stack_.empty()) Bad("its pickle takes more than it has");
    const Ref top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Ref Top() {
    if (stack_.empty()) Bad("its pickle takes more than it has");
    return stack_.back();
  }
  List ToMark() {
    if (marks_.empty() || marks_.back() > stack_.size()) Bad("its pickle has no mark where one is wanted");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    marks_.pop_back();
    List items(from, stack_.end());
    stack_.erase(from, stack_.end());
    return items;
  }
  void Tuple(size_t count) {
    List items(count);
    for (size_t i = count; i-- > 0;) items[i] = Pop();
    stack_.push_back(Make(std::move(items)));
  }
  void Remember(uint32_t place) { memo_[place] = Top(); }
  void Recall(uint32_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) Bad("its pickle recalls what it never kept");
    stack_.push_back(found->second);
  }
  void SetItems(const List& items) {
    if (items.size() % 2 != 0) Bad("its pickle has a key without a value");
    auto& dict = As<Dict>(Top(), "a dict");
    for (size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
  }

  void Step(char op) {
    switch (op) {
      case '\x80':
        Take(1);
        break;  // PROTO
      case '}':
        stack_.push_back(Make(Dict()));
        break;
      case ']':
      case ')':
        stack_.push_back(Make(List()));
        break;
      case '(':
        marks_.push_back(stack_.size());
        break;
      case 't':
        stack_.push_back(Make(ToMark()));
        break;
      case '\x85':
        Tuple(1);
        break;
      case '\x86':
        Tuple(2);
        break;
      case '\x87':
        Tuple(3);
        break;
      case 'N':
        stack_.push_back(Make(std::monostate()));
        break;
      case '\x88':
        stack_.push_back(Make(int64_t{1}));
        break;
      case '\x89':
        stack_.push_back(Make(int64_t{0}));
        break;
      case 'K':
        stack_.push_back(Make(static_cast<int64_t>(Number<uint8_t>())));
        break;
      case 'M':
        stack_.push_back(Make(static_cast<int64_t>(Number<uint16_t>())));
        break;
      case 'J':
        stack_.push_back(Make(static_cast<int64_t>(Number<int32_t>())));
        break;
      case '\x8a':
        Long();
        break;
      case 'G':
        BigEndianReal();
        break;
      case 'X':
        Text(Number<uint32_t>());
        break;
      case '\x8c':
        Text(Number<uint8_t>());
        break;
      case 'q':
        Remember(Number<uint8_t>());
        break;
      case 'r':
        Remember(Number<uint32_t>());
        break;
      case 'h':
        Recall(Number<uint8_t>());
        break;
      case 'j':
        Recall(Number<uint32_t>());
        break;
      case 'c': {
        const std::string module = Line();
        stack_.push_back(Make(Global{module + "." + Line()}));
        break;
      }
      case 's': {
        const Ref value = Pop();
        SetItems({Pop(), value});
        break;
      }
      case 'u':
        SetItems(ToMark());
        break;
      case 'a': {
        const Ref value = Pop();
        As<List>(Top(), "a list").push_back(value);
        break;
      }
      case 'e': {
        List items = ToMark();
        auto& list = As<List>(Top(), "a list");
        list.insert(list.end(), items.begin(), items.end());
        break;
      }
      case 'Q':
        Persistent();
        break;
      case 'R':
        Call();
        break;
      case 'b':
        Pop();
        break;  // BUILD: attributes, such as the _metadata of a state dict
      default:
        Bad(fmt::format("its pickle has operation 0x{:02x}, which no state dict needs", op & 0xff));
    }
  }

  void Long() {
    const auto bytes = Number<uint8_t>();
    if (bytes > 8) Bad("its pickle has a number beyond 64 bits");
    int64_t value = 0;
    if (bytes > 0) {
      const char* digits = Take(bytes);
      std::memcpy(&value, digits, bytes);
      if (bytes < 8 && (digits[bytes - 1] & 0x80) != 0) value -= int64_t{1} << (8 * bytes);
    }
    stack_.push_back(Make(value));
  }

  void BigEndianReal() {
    const char* bytes = Take(8);
    uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    stack_.push_back(Make(value));
  }

  void Text(size_t bytes) { stack_.push_back(Make(std::string(Take(bytes), bytes))); }

  // ("storage", type, key, device, elements)
  void Persistent() {
    const Ref id = Pop();
    const auto& parts = As<List>(id, "a storage");
    if (parts.size() < 5 || As<std::string>(parts[0], "a text") != "storage") Bad("its pickle refers to no storage");
    stack_.push_back(
        Make(Storage{As<std::string>(parts[2], "a key"), StorageType(As<Global>(parts[1], "a type").name)}));
  }

  void Call() {
    const Ref arguments = Pop();
    const std::string name = As<Global>(Pop(), "a function").name;
    const auto& given = As<List>(arguments, "arguments");
    if (name == "collections.OrderedDict") {
      stack_.push_back(Make(Dict()));
    } else if (name == "torch._utils._rebuild_tensor_v2" && given.size() >= 4) {
      stack_.push_back(Make(Rebuild(given)));
    } else if (name == "torch._utils._rebuild_parameter" && !given.empty()) {
      stack_.push_back(given[0]);
    } else {
      Bad(fmt::format("its pickle calls {}; save model.state_dict() instead of the model", name));
    }
  }

  static std::vector<int64_t> Numbers(const Ref& ref) {
    std::vector<int64_t> numbers;
    for (const Ref& item : As<List>(ref, "sizes")) numbers.push_back(As<int64_t>(item, "a number"));
    return numbers;
  }

  // (storage, offset, sizes, strides, ...)
  at::Tensor Rebuild(const List& given) {
    const auto& storage = As<Storage>(given[0], "a storage");
    const int64_t offset = As<int64_t>(given[1], "a number");
    const std::vector<int64_t> sizes = Numbers(given[2]), strides = Numbers(given[3]);
    if (sizes.size() != strides.size()) Bad("a tensor has as many sizes as strides elsewhere");
    auto found = storages_.find(storage.key);
    if (found == storages_.end()) {
      auto [bytes, size] = archive_.getRecord("data/" + storage.key);
      found = storages_
                  .emplace(storage.key,
                           std::pair(std::shared_ptr<void>(std::make_shared<at::DataPtr>(std::move(bytes))), size))
                  .first;
    }
    const auto element = static_cast<int64_t>(c10::elementSize(storage.type));
    const auto elements = static_cast<int64_t>(found->second.second) / element;
    int64_t last = offset, all = 1;
    for (size_t i = 0; i < sizes.size(); ++i) {
      // Beyond the storage's own size nothing can be right, and below it nothing overflows.
      if (sizes[i] < 0 || strides[i] < 0 || sizes[i] > elements || strides[i] > elements)
        Bad("a tensor lies outside its storage");
      if (sizes[i] == 0) return at::empty(sizes, storage.type);
      last += (sizes[i] - 1) * strides[i];
      all *= sizes[i];
      if (last >= elements || all > elements) Bad("a tensor lies outside its storage, or is larger than it");
    }
    if (offset < 0 || last >= elements) Bad("a tensor lies outside its storage");
    bytes_ += static_cast<uint64_t>(all * element);
    if (bytes_ > most_bytes_)
      Bad("its tensors take many times the file's size: it names the same bytes again and again");
    auto owner = found->second.first;
    void* data = static_cast<at::DataPtr*>(owner.get())->get();
    return at::from_blob(
               static_cast<char*>(data) + offset * element, sizes, strides, [owner](void*) {},
               at::TensorOptions(storage.type))
        .clone(at::MemoryFormat::Contiguous);
  }

  // Tied weights stand in a file once; this many tensors for one storage are no network's.
  static constexpr uint64_t kMostCopies = 16;

  caffe2::serialize::PyTorchStreamReader& archive_;
  uint64_t most_bytes_, bytes_ = 0;
  const char* data_;
  size_t size_, at_ = 0;
  std::deque<Object> objects_;
  List stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, Ref> memo_;
  std::unordered_map<std::string, std::pair<std::shared_ptr<void>, size_t>> storages_;
};

void Collect(const Ref& value, StateDict& state, int depth) {
  const auto* dict = value ? std::get_if<Dict>(&value->value) : nullptr;
  if (!dict) Bad("it holds no state dict; save model.state_dict()");
  for (const auto& [key, item] : *dict) {
    const auto* name = std::get_if<std::string>(&key->value);
    if (!name) continue;
    if (const auto* tensor = std::get_if<at::Tensor>(&item->value)) {
      state.emplace(*name, *tensor);
    } else if (depth == 0 && (*name == "state_dict" || *name == "model") && std::holds_alternative<Dict>(item->value)) {
      state.clear();
      return Collect(item, state, 1);
    }
  }
}

}  // namespace

void CheckRecordSizes(const std::filesystem::path& path) {
  constexpr uint64_t kMostTimes = 1032;  // deflate gives no more
  const auto entries = core::ZipDirectory(path);
  if (!entries)
    throw Error(ErrorCode::kInvalidModel,
                path.string() + ": a zip archive without a directory at its end: it is cut short");
  const uint64_t file_bytes = std::filesystem::file_size(path);
  for (const core::ZipEntry& entry : *entries) {
    const uint64_t most = entry.stored ? entry.packed : std::min(entry.packed, file_bytes) * kMostTimes;
    if (entry.packed <= file_bytes && entry.bytes <= most) continue;
    throw Error(
        ErrorCode::kInvalidModel,
        fmt::format("{}: its record '{}' is said to hold {} bytes, more than the file's {} can give: it is damaged",
                    path.string(), core::Brief(entry.name, 80), entry.bytes, file_bytes));
  }
}

StateDict ReadTorchArchive(const std::filesystem::path& path) {
  CheckRecordSizes(path);
  StateDict state;
  try {
    caffe2::serialize::PyTorchStreamReader archive(path.string());
    const auto [pickle, size] = archive.getRecord("data.pkl");
    Unpickler program(archive, std::filesystem::file_size(path), static_cast<const char*>(pickle.get()), size);
    Collect(program.Run(), state, 0);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: not readable as an archive of torch.save: {}", path.string(),
                                                      core::Brief(error.what_without_backtrace(), 160)));
  } catch (const Error& error) {
    throw error.With(path.string());
  }
  if (state.empty()) throw Error(ErrorCode::kInvalidModel, path.string() + ": it holds no tensors");
  return state;
}

}  // namespace bakeoff::train
