// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a step made before, set aside while it is made anew: an attempt that fails, or is killed, takes nothing with it.
// Every call may be cut short at any moment and made again; Entry::kept says on disk what lies aside.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "campaign/plan.h"
#include "campaign/state.h"

namespace bakeoff::campaign {

class KeptFiles {
 public:
  // `note` hears where models went.
  KeptFiles(std::filesystem::path folder, std::function<void(const std::string&)> note);

  // Before an attempt. What Entry::kept made goes aside, where the entry has no key of a later attempt; what else lies
  // in its place goes away, of Step::folders to earlier/.
  void MakeRoom(const Step& step, const Entry& entry) const;
  // The same for its JSON and for what it said.
  void MakeRoomForResult(const Step& step, const Entry& entry) const;
  // A folder of earlier/ that an attempt with this key left there.
  void TakeUp(const Step& step, const std::string& key) const;

  // Whether outputs lie aside.
  bool Aside(const Step& step) const;
  // After an attempt that came to nothing, with its key: outputs are what they were. Its JSON and its log stay, which
  // say what was wrong.
  void PutBack(const Step& step, const std::string& key) const;

  // Its JSON where that lies aside, else "".
  std::filesystem::path ResultAside(const Step& step) const;
  // Entry::kept is what the file asks for again, with its JSON and its log.
  void PutBackResult(const Step& step) const;

  // Entry::kept is superseded: its folders go to earlier/, under its key.
  void LetGo(const Step& step, const Entry& kept) const;

 private:
  std::vector<std::filesystem::path> PlacesOf(const Step& step) const;
  std::filesystem::path AsideOf(const Step& step, const std::filesystem::path& path) const;
  std::filesystem::path LogOf(const Step& step) const;
  std::filesystem::path EarlierOf(const std::filesystem::path& folder, const std::string& key) const;
  void ToEarlier(const Step& step, const std::filesystem::path& from, const std::filesystem::path& folder,
                 const std::string& key) const;
  void Clear(const Step& step) const;

  std::filesystem::path folder_;
  std::function<void(const std::string&)> note_;
};

}  // namespace bakeoff::campaign
