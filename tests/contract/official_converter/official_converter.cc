// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow's own converter from SavedModel to TFLite, called as its Python package calls it: official_converter
// FOLDER FILE. A process of its own, because TensorFlow's protobuf may not meet another one.
#include <tensorflow/compiler/mlir/lite/converter_flags.pb.h>
#include <tensorflow/compiler/mlir/lite/model_flags.pb.h>

#include <fstream>
#include <iostream>
#include <string>

#include "absl/status/status.h"

// The wheel has the function, and no header for it.
namespace tensorflow {
namespace quantization {
class PyFunctionLibrary;
}
absl::Status ConvertSavedModelToTFLiteFlatBuffer(const tflite::ModelFlags& model, tflite::ConverterFlags& flags,
                                                 std::string* result, const quantization::PyFunctionLibrary* library);
}  // namespace tensorflow

int main(int count, char** words) {
  if (count != 3) {
    std::cerr << "official_converter SAVED_MODEL_FOLDER FILE.tflite\n";
    return 2;
  }
  tflite::ModelFlags model;
  model.set_saved_model_dir(words[1]);
  model.set_saved_model_version(1);
  model.add_saved_model_tags("serve");
  model.add_saved_model_exported_names("serving_default");
  tflite::ConverterFlags flags;
  flags.set_input_format(tflite::TENSORFLOW_GRAPHDEF);
  flags.set_output_format(tflite::TFLITE);
  flags.set_inference_type(tflite::FLOAT);
  flags.set_drop_control_dependency(true);
  flags.set_enable_tflite_resource_variables(true);
  flags.set_lower_tensor_list_ops(true);
  flags.set_enable_composite_direct_lowering(true);
  flags.set_canonicalizing_inf_as_min_max_float(true);
  std::string file;
  const absl::Status status = tensorflow::ConvertSavedModelToTFLiteFlatBuffer(model, flags, &file, nullptr);
  if (!status.ok()) {
    std::cerr << status << '\n';
    return 1;
  }
  std::ofstream out(words[2], std::ios::binary);
  out << file;
  out.close();
  return out.good() ? 0 : 1;
}
