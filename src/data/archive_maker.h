// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// For tests: archives written byte by byte, so that they can be wrong in any way.
#pragma once

#include <zip.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "core/test_folder.h"
#include "data/image.h"

namespace bakeoff::data {

using core::TestFolder;

// One tar entry with a right checksum.
inline std::string TarEntry(const std::string& name, std::string_view data, char type = '0',
                            const std::string& size = "") {
  std::string head(512, '\0');
  std::memcpy(head.data(), name.data(), std::min<size_t>(name.size(), 100));
  std::snprintf(&head[100], 8, "%07o", 0644);
  std::snprintf(&head[124], 12, "%011o", static_cast<unsigned>(data.size()));
  if (!size.empty()) std::memcpy(&head[124], size.data(), std::min<size_t>(size.size(), 12));
  head[156] = type;
  std::memcpy(&head[257],
              "ustar\0"
              "00",
              8);
  std::memset(&head[148], ' ', 8);
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  std::snprintf(&head[148], 8, "%06o", sum);
  std::string entry = head + std::string(data);
  entry.resize((entry.size() + 511) / 512 * 512);
  return entry;
}
inline std::string TarEnd() {
  return std::string(1024, '\0');
}

inline std::string Gzip(std::string_view text) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())), z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

// The pairs are name and contents; both must outlive the call.
inline void WriteZip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& files) {
  int code = 0;
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  for (const auto& [name, data] : files) {
    if (name.ends_with('/')) {
      zip_dir_add(zip, name.c_str(), 0);
    } else {
      zip_file_add(zip, name.c_str(), zip_source_buffer(zip, data.data(), data.size(), 0), ZIP_FL_OVERWRITE);
    }
  }
  zip_close(zip);
}

}  // namespace bakeoff::data
