// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A labelled set of pictures from any source: image folders, archives of them, CIFAR-10 batches, lists, manifests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "data/container.h"
#include "data/image.h"

namespace bakeoff::data {

enum class Split : uint8_t { kNone, kTrain, kVal, kTest, kUnused };  // kUnused: left out to balance the classes
std::string_view SplitName(Split split);                             // "", "train", "val", "test", "unused"
// Also the usual other words (training, valid, validation, dev, testing); nullopt for anything else.
std::optional<Split> SplitByName(std::string_view name);

struct Item {
  std::string path;  // unique within the data set; a CIFAR record is "data_batch_1.bin#17"
  int label = 0;     // index into classes
  Split split = Split::kNone;
  std::string sha256;   // of the encoded bytes; empty until scanned or read from a manifest
  double weight = 1;    // of its loss (--balance weighted)
  int repeat = 1;       // times per epoch (--balance oversample)
  size_t entry = 0;     // in the container
  uint64_t offset = 0;  // CIFAR: where the record starts
};

class Dataset {
 public:
  std::string source;                // as it was given
  std::vector<std::string> classes;  // sorted (numerically where all are numbers); CIFAR's in its own order
  std::vector<Item> items;           // sorted by path
  std::vector<std::string> ignored;  // files that are no pictures by name, or lie outside every class
  Json settings = nullptr;           // of the split, where a manifest was read
  bool cifar = false;                // raw records instead of encoded files
  std::shared_ptr<const Container> container;

  // The encoded bytes, or the 3073 bytes of a record. Thread-safe. Errors name the file.
  Bytes Read(const Item& item) const;
  // Decodes what Read() gave. Errors do not name the file.
  void Decode(const Bytes& bytes, Image& out, const DecodeLimits& limits = {}) const;
  bool HasSplits() const;
  std::vector<size_t> Count(Split split) const;  // per class
};

// Opens a folder, archive, .jsonl or .csv; a folder with a manifest.jsonl is opened through it unless `raw`. Decodes
// nothing. Throws Error: kNotFound, kUsage (no class folders, unknown split name, manifest that does not fit ...), and
// OpenContainer()'s.
Dataset OpenDataset(const std::string& path, bool raw = false, const ContainerLimits& limits = {});

// Throws what OpenDataset() would, as far as it can be told at once: of a compressed tar only the beginning is looked
// at.
void NeedDataset(const std::string& path);

// A JSONL manifest: {"bakeoff_manifest": 1, "source", "classes", "settings"}, then one {"path", "class", "split",
// "sha256"[, "weight", "repeat"]} per line. `folder` is where the file will lie: a source inside or beside it is
// written relative to it.
std::string ManifestText(const Dataset& dataset, const std::string& folder);
// Reads a list: a manifest (refused where `plain`), a JSONL list ("path" and "class" or "label", perhaps "split") or a
// CSV one.
Dataset OpenList(const std::string& path, const ContainerLimits& limits, bool plain = false);

struct Applied {
  size_t unnamed = 0;  // items that the manifest does not name
  size_t absent = 0;   // pictures of the manifest that are no items
};
// Gives the items the parts, hashes, weights and repeats that a manifest names for their paths; items that it does not
// name become kUnused. The manifest's source is not opened and nothing is read: ChangedItems() tells which pictures are
// others by now. Throws Error{kUsage}: no manifest, a split that is none, a path in another class than the manifest
// says, or no path in common; the items are then as they were.
Applied ApplyManifest(Dataset& dataset, const std::string& manifest);

// Which class (and split) each entry of a container belongs to, by its folders.
void LabelByFolders(Dataset& dataset);
// Finds and labels CIFAR-10's binary batches; false if there are none.
bool LabelCifar(Dataset& dataset);
// Sorts `classes` and sets items' labels from their class names.
void SetClasses(Dataset& dataset, const std::vector<std::string>& class_of_item);
// SHA-256 over the sorted lines "sha256 class split": two data sets with the same pictures, labels and splits have the
// same.
std::string DataHash(const Dataset& dataset);

}  // namespace bakeoff::data
