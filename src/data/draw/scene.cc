// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Renders figures: placing, coverage by four samples per pixel, light, shadow, camera.
#include "data/draw/scene.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bakeoff::data::draw {
namespace {

// A figure on the picture: turned, scaled, a little squeezed.
struct Placed {
  Figure figure;
  float x, y, size, cos, sin, squeeze;
  float reach;  // in pixels, from (x, y)
};

struct Light {
  Vec3 direction, halfway;
  Color tint;
  float ambient, strength;
};

struct Camera {
  Color gain;
  float vignette, grain;
  bool soft;
};

Light MakeLight(Dice& dice) {
  Light light;
  light.direction = Normal({dice.In(-0.8f, 0.8f), dice.In(-0.9f, 0.1f), dice.In(0.5f, 1.0f)});
  light.halfway = Normal({light.direction.x, light.direction.y, light.direction.z + 1});
  const float warmth = dice.In(-0.12f, 0.12f);
  light.tint = {1 + warmth, 1, 1 - warmth};
  light.ambient = dice.In(0.3f, 0.55f);
  light.strength = dice.In(0.55f, 0.95f);
  return light;
}

Color Shade(const Hit& hit, const Light& light) {
  const Vec3 n = Normal(hit.normal);
  const float diffuse = std::max(0.0f, Dot(n, light.direction));
  const float shine = std::max(0.0f, Dot(n, light.halfway));
  float spot = shine * shine;
  spot *= spot, spot *= spot, spot *= spot, spot *= spot;  // to the 32nd power
  // Edges that turn away from the viewer get less of the ambient light.
  const float base = light.ambient * Mix(0.55f, 1.0f, std::max(0.0f, n.z)) + light.strength * diffuse;
  return hit.color * light.tint * base + Color{1, 1, 1} * (hit.gloss * spot * light.strength);
}

bool Cover(const Placed& placed, float px, float py, const Light& light, Color& color) {
  const float dx = (px - placed.x) / placed.size, dy = (py - placed.y) / placed.size;
  const float x = (placed.cos * dx + placed.sin * dy) / placed.squeeze, y = placed.cos * dy - placed.sin * dx;
  for (const Part& part : placed.figure) {
    const float ex = x - part.x, ey = y - part.y;
    if (ex * ex + ey * ey > part.radius * part.radius) continue;
    Hit hit;
    if (!part.surface(x, y, hit)) continue;
    const Vec3 n = hit.normal;
    hit.normal = {placed.cos * n.x - placed.sin * n.y, placed.sin * n.x + placed.cos * n.y, n.z};
    color = Shade(hit, light);
    return true;
  }
  return false;
}

// The mean of two samples where they agree, else of four on a turned grid.
Color Sample(const std::vector<Placed>& placed, float x, float y, const Light& light, Color ground) {
  constexpr std::array<std::array<float, 2>, 4> kOffsets = {
      {{-0.125f, -0.375f}, {0.125f, 0.375f}, {0.375f, -0.125f}, {-0.375f, 0.125f}}};
  constexpr float kSame = 0.05f;
  const auto at = [&](size_t s) {
    Color color = ground;
    for (const Placed& p : placed) {
      if (Cover(p, x + kOffsets[s][0], y + kOffsets[s][1], light, color)) break;
    }
    return color;
  };
  const Color a = at(0), b = at(1);
  if (std::fabs(a.x - b.x) + std::fabs(a.y - b.y) + std::fabs(a.z - b.z) < kSame) return (a + b) * 0.5f;
  return (a + b + at(2) + at(3)) * 0.25f;
}

// How much light a figure takes from the ground: a soft ellipse, away from the light.
float Shadow(const Placed& placed, const Light& light, float px, float py) {
  const float x = (px - placed.x + light.direction.x * placed.size * 0.35f) / (placed.size * 1.15f);
  const float y = (py - placed.y + light.direction.y * placed.size * 0.35f) / (placed.size * 1.15f);
  return 1 - 0.55f * Bump(std::sqrt(x * x + y * y));
}

size_t PlaceOf(int x, int y, int width) {
  return static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x);
}

void Develop(std::vector<Color>& pixels, int width, int height, const Camera& camera, Dice& dice, Image& image) {
  std::vector<Color> soft;
  if (camera.soft) {
    soft = pixels;
    for (int y = 1; y + 1 < height; ++y) {
      for (int x = 1; x + 1 < width; ++x) {
        const auto at = [&](int dx, int dy) { return soft[PlaceOf(x + dx, y + dy, width)]; };
        pixels[PlaceOf(x, y, width)] = (at(0, 0) * 2 + at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1)) * (1.0f / 6);
      }
    }
  }
  image.Resize(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float ex = 2 * (static_cast<float>(x) + 0.5f) / static_cast<float>(width) - 1;
      const float ey = 2 * (static_cast<float>(y) + 0.5f) / static_cast<float>(height) - 1;
      const Color c = pixels[PlaceOf(x, y, width)] * camera.gain * (1 - camera.vignette * (ex * ex + ey * ey));
      const std::array<float, 3> samples = {c.x, c.y, c.z};
      // One draw for three channels: four uniforms of 16 bits make a rounded triangle, normal enough for grain.
      for (size_t i = 0; i < 3; ++i) {
        const uint64_t bits = dice.rng.Next();
        float sum = -2;
        for (int k = 0; k < 4; ++k) sum += static_cast<float>((bits >> (16 * k)) & 0xffff) * (1.0f / 65536);
        image.At(x, y)[i] =
            static_cast<uint8_t>(std::clamp(samples[i] * 255 + sum * camera.grain + 0.5f, 0.0f, 255.0f));
      }
    }
  }
}

}  // namespace

Vec3 Normal(Vec3 v) {
  const float length = std::sqrt(Dot(v, v));
  return length > 0 ? v * (1 / length) : Vec3{0, 0, 1};
}

Color FromHsv(float hue, float saturation, float value) {
  const auto channel = [&](float n) {
    float k = n + hue * 6;
    k -= 6 * std::floor(k / 6);
    return value * (1 - saturation * Saturate(std::min(k, 4 - k)));
  };
  return {channel(5), channel(3), channel(1)};
}

Color Pick(Dice& dice, std::initializer_list<Color> colors, float spread) {
  const Color c = colors.begin()[dice.Int(0, static_cast<int>(colors.size()) - 1)];
  const Color off = {dice.In(-spread, spread), dice.In(-spread, spread), dice.In(-spread, spread)};
  return {Saturate(c.x + off.x), Saturate(c.y + off.y), Saturate(c.z + off.z)};
}

Image Render(Dice& dice, const std::function<Figure(Dice&)>& make, float clutter) {
  const int width = dice.Int(112, 152), height = dice.Int(112, 152);
  const auto background = MakeBackground(dice, clutter);
  const Light light = MakeLight(dice);
  const float side = static_cast<float>(std::min(width, height));
  std::vector<Placed> placed;
  const int count = dice.Chance(0.85f) ? 1 : 2;
  for (int i = 0; i < count; ++i) {
    Placed p;
    p.figure = make(dice);
    p.size = side * (count == 1 ? dice.In(0.27f, 0.44f) : dice.In(0.19f, 0.26f));
    const float free_x = static_cast<float>(width) - 2.1f * p.size, free_y = static_cast<float>(height) - 2.1f * p.size;
    p.x = p.size * 1.05f + free_x * (count == 1 ? dice.In(0, 1) : 0.5f * static_cast<float>(i) + dice.In(0, 0.5f));
    p.y = p.size * 1.05f + free_y * dice.In(0, 1);
    const float turn = dice.In(-1.1f, 1.1f) * (dice.Chance(0.2f) ? 2.8f : 0.6f);
    p.cos = Cos(turn), p.sin = Sin(turn), p.squeeze = dice.In(0.86f, 1.12f);
    p.reach = 0;
    for (const Part& part : p.figure)
      p.reach = std::max(p.reach, std::sqrt(part.x * part.x + part.y * part.y) + part.radius);
    p.reach *= p.size * std::max(1.0f, p.squeeze);
    placed.push_back(std::move(p));
  }
  std::vector<Color> pixels(static_cast<size_t>(width) * static_cast<size_t>(height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float cx = static_cast<float>(x) + 0.5f, cy = static_cast<float>(y) + 0.5f;
      bool near = false;
      float shadow = 1;
      for (const Placed& p : placed) {
        const float ex = cx - p.x, ey = cy - p.y, reach = p.reach + 1;
        near = near || ex * ex + ey * ey < reach * reach;
        shadow *= Shadow(p, light, cx, cy);
      }
      const Color ground = background(cx / 100, cy / 100) * light.tint * shadow;
      pixels[PlaceOf(x, y, width)] = near ? Sample(placed, cx, cy, light, ground) : ground;
    }
  }
  const float exposure = dice.In(0.72f, 1.2f);
  const Camera camera{.gain = Color{dice.In(0.9f, 1.1f), dice.In(0.93f, 1.07f), dice.In(0.9f, 1.1f)} * exposure,
                      .vignette = dice.In(0, 0.18f),
                      .grain = dice.In(0, 16),
                      .soft = dice.Chance(0.25f)};
  Image image;
  Develop(pixels, width, height, camera, dice, image);
  return image;
}

}  // namespace bakeoff::data::draw
