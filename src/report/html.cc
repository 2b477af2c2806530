// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The page: every word, table and number is in the HTML itself; the script draws the charts and sorts the tables.
#include <fmt/format.h>

#include <algorithm>

#include "measure/record.h"
#include "report/page.h"
#include "report/report.h"
#include "report/time_of.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::TextAt;
using measure::WholeAt;

constexpr size_t kLongCell = 44;  // more may be broken into lines
constexpr int kMarks = 8;         // shapes, as many as report.css has

std::string Esc(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    switch (const char c = text[i]) {
      case ' ':  // no line ends between a number and its sign
        out += text.substr(i + 1, 1) == "%" ? "&nbsp;" : " ";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Words of ours: what stands between backticks is code.
std::string Prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (const char c : Esc(text)) {
    if (c == '`') {
      out += code ? "</code>" : "<code>";
      code = !code;
    } else {
      out += c;
    }
  }
  return code ? Esc(text) : out;
}

// A name may be broken after the signs in it, which a browser leaves whole.
std::string Breakable(std::string_view text) {
  constexpr std::string_view kSigns = "=,/_.:";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    out += Esc(text.substr(i, 1));
    if (kSigns.find(text[i]) != std::string_view::npos && i + 1 < text.size() && text[i + 1] != ' ') out += "<wbr>";
  }
  return out;
}

// Fit to stand in a <script>: nothing in it can end the element.
std::string ScriptJson(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace), out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

// The library may hold the words that end the element in a string, where a backslash changes nothing.
std::string ScriptText(std::string_view text) {
  constexpr std::string_view kEnd = "</script";
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find(kEnd, at);
    out += text.substr(at, end == std::string_view::npos ? end : end - at);
    if (end == std::string_view::npos) break;
    out += "<\\/script";
    at = end + kEnd.size();
  }
  return out;
}

const Json& ListAt(const Json& json, std::string_view field) {
  static const Json kEmpty = Json::array();
  const Json& found = At(json, field);
  return found.is_array() ? found : kEmpty;
}

std::vector<std::string> RunNames(const Json& part) {
  std::vector<std::string> names;
  for (const Json& id : ListAt(part, "runs")) names.push_back("r" + id.dump());
  return names;
}

std::string Spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Where a number comes from, for scripts: runs of the store, or files of the campaign.
std::string OriginOf(const Json& part) {
  std::string text;
  if (const auto runs = RunNames(part); !runs.empty()) text += fmt::format(" data-runs=\"{}\"", Spaced(runs));
  std::vector<std::string> files;
  for (const Json& file : ListAt(part, "from")) files.push_back(file.get<std::string>());
  if (!files.empty()) text += fmt::format(" data-from=\"{}\"", Esc(Spaced(files)));
  return text;
}

// The same for people.
std::string OriginWords(const Json& part) {
  std::string text;
  const auto runs = RunNames(part);
  if (runs.size() > 4) {
    const auto ids = part["runs"].get<std::vector<int64_t>>();
    text = fmt::format("r{} … r{} ({})", *std::min_element(ids.begin(), ids.end()),
                       *std::max_element(ids.begin(), ids.end()), ids.size());
  } else {
    text = Spaced(runs);
  }
  for (const Json& file : ListAt(part, "from")) text += (text.empty() ? "" : " ") + file.get<std::string>();
  return text;
}

std::string Mark(const Json& subjects, const Json& subject) {
  if (!subject.is_number_integer()) return "";
  const auto place = subject.get<size_t>();
  if (place >= subjects.size()) return "";
  return fmt::format("<span class=\"mark c{} v{}\" aria-hidden=\"true\"></span>",
                     subjects[place]["color"].get<int>() % kColors, subjects[place]["variant"].get<int>() % kMarks);
}

std::string SentenceHtml(const Json& sentence) {
  const std::string origin = OriginWords(sentence);
  const std::string tone = TextAt(sentence, "tone");
  return fmt::format("<li class=\"sentence{}\"{}{}>{}</li>\n", tone.empty() ? "" : " " + Esc(tone), OriginOf(sentence),
                     origin.empty() ? "" : fmt::format(" title=\"From {}\"", Esc(origin)),
                     Esc(TextAt(sentence, "text")));
}

std::string TableHtml(const Json& table, const Json& subjects) {
  const Json& rows = ListAt(table, "rows");
  const bool traced = std::any_of(rows.begin(), rows.end(),
                                  [](const Json& row) { return row.contains("runs") || row.contains("from"); });
  // Of words alone: on a phone each row goes on below itself, for what a sentence says is not to be scrolled for.
  const Json& columns = ListAt(table, "columns");
  const bool words =
      std::none_of(columns.begin(), columns.end(), [](const Json& column) { return column.value("number", false); });
  // Columns without any text would only take room.
  std::vector<bool> used;
  for (size_t i = 0; i < ListAt(table, "columns").size(); ++i)
    used.push_back(std::any_of(rows.begin(), rows.end(), [&](const Json& row) {
      return i < row["cells"].size() && !TextAt(row["cells"][i], "text").empty();
    }));
  const std::string caption = Esc(TextAt(table, "caption"));
  std::string text = fmt::format(
      "<div class=\"scroll{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table "
      "class=\"sortable{}\" id=\"{}\">\n<caption{}><span>{}</span></caption>\n<thead><tr>",
      rows.size() > 14 ? " tall" : "", caption, words ? " words" : "", Esc(TextAt(table, "id")), OriginOf(table),
      caption);
  size_t place = 0;
  for (const Json& column : ListAt(table, "columns")) {
    if (!used[place++]) continue;
    const std::string help = TextAt(column, "help");
    text += fmt::format("<th scope=\"col\"{}{}>{}</th>", column.value("number", false) ? " class=\"number\"" : "",
                        help.empty() ? "" : fmt::format(" title=\"{}\"", Esc(help)), Esc(TextAt(column, "title")));
  }
  if (traced) text += "<th scope=\"col\" class=\"origin\">From</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (const Json& row : rows) {
    text += fmt::format("<tr{}>", OriginOf(row));
    const Json& cells = row["cells"];
    for (size_t i = 0; i < cells.size() && i < used.size(); ++i) {
      if (!used[i]) continue;
      const Json& cell = cells[i];
      std::string classes = table["columns"][i].value("number", false) ? "number" : "";
      if (TextAt(cell, "text").size() > kLongCell) classes += (classes.empty() ? "" : " ") + std::string("long");
      if (const std::string tone = TextAt(cell, "tone"); !tone.empty()) classes += (classes.empty() ? "" : " ") + tone;
      const std::string head = i == 0 ? "th scope=\"row\"" : "td";
      text +=
          fmt::format("<{}{}{}{}>{}{}</{}>", head, classes.empty() ? "" : fmt::format(" class=\"{}\"", Esc(classes)),
                      words && i > 0 ? fmt::format(" data-title=\"{}\"", Esc(TextAt(columns[i], "title"))) : "",
                      cell.contains("value") ? fmt::format(" data-value=\"{}\"", cell["value"].dump()) : "",
                      Mark(subjects, At(cell, "subject")),
                      i == 0 ? Breakable(TextAt(cell, "text")) : Esc(TextAt(cell, "text")), i == 0 ? "th" : "td");
    }
    if (traced)
      text += fmt::format("<td class=\"origin\"{}>{}</td>", words ? " data-title=\"From\"" : "", Esc(OriginWords(row)));
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string ChartHtml(const Json& chart, size_t place) {
  const std::string id = Esc(TextAt(chart, "id")), origin = OriginWords(chart);
  return fmt::format(
      "<figure class=\"chart\" id=\"chart-{0}\" data-chart=\"{1}\"{4}>\n<figcaption><h3>{2}</h3></figcaption>\n<div "
      "class=\"plot\" role=\"img\" aria-label=\"{3}\"></div>\n"
      "<details class=\"alt\"><summary>In words</summary><p>{3}{5}</p></details>\n</figure>\n",
      id, place, Esc(TextAt(chart, "title")), Esc(TextAt(chart, "alt")), OriginOf(chart),
      origin.empty() ? "" : fmt::format(" <span class=\"origin\">From {}.</span>", Esc(origin)));
}

// `origin`: of all of them, where they do not stand in something that has one.
std::string FactsHtml(const Json& facts, const std::string& origin = "") {
  std::string text = fmt::format("<dl class=\"facts\"{}>\n", origin);
  for (const Json& fact : facts)
    text += fmt::format("<div{}><dt>{}</dt><dd>{}</dd></div>\n",
                        TextAt(fact, "value").size() > kLongCell ? " class=\"wide\"" : "", Esc(TextAt(fact, "name")),
                        Esc(TextAt(fact, "value")));
  return text + "</dl>\n";
}

std::string SectionHtml(const Json& section, const Json& subjects, Json& charts) {
  const std::string id = Esc(TextAt(section, "id"));
  std::string text = fmt::format("<section id=\"{0}\" aria-labelledby=\"h-{0}\">\n<h2 id=\"h-{0}\">{1}</h2>\n", id,
                                 Esc(TextAt(section, "title")));
  if (const Json& absent = At(section, "absent"); absent.is_object())
    text += fmt::format("<p class=\"absent\"{}>{}</p>\n", OriginOf(absent), Prose(TextAt(absent, "text")));
  const Json& sentences = ListAt(section, "sentences");
  constexpr size_t kShown = 5;
  if (!sentences.empty()) {
    text += "<ul class=\"findings\">\n";
    for (size_t i = 0; i < sentences.size(); ++i) {
      if (i == kShown && sentences.size() > kShown + 2)
        text +=
            fmt::format("</ul>\n<details class=\"more\"><summary>{} more findings</summary>\n<ul class=\"findings\">\n",
                        sentences.size() - kShown);
      text += SentenceHtml(sentences[i]);
    }
    text += sentences.size() > kShown + 2 ? "</ul></details>\n" : "</ul>\n";
  }
  const Json& drawn = ListAt(section, "charts");
  if (!drawn.empty()) text += fmt::format("<div class=\"charts{}\">\n", drawn.size() > 1 ? " several" : "");
  for (const Json& chart : drawn) {
    text += ChartHtml(chart, charts.size());
    charts.push_back(chart);
    // The figure has them, and so has each point.
    for (const char* origin : {"runs", "from"}) charts.back().erase(origin);
  }
  if (!drawn.empty()) text += "</div>\n";
  if (section.contains("facts")) text += FactsHtml(section["facts"], OriginOf(section));
  for (const Json& table : ListAt(section, "tables")) text += TableHtml(table, subjects);
  for (const Json& command : ListAt(section, "commands"))
    text += fmt::format("<div class=\"command\"{}><p>{}</p><pre tabindex=\"0\"><code>{}</code></pre></div>\n",
                        OriginOf(command), Esc(TextAt(command, "title")), Esc(TextAt(command, "command")));
  for (const Json& note : ListAt(section, "notes"))
    text += fmt::format("<p class=\"note\"{}>{}</p>\n", OriginOf(note), Prose(TextAt(note, "text")));
  return text + "</section>\n";
}

std::string VerdictWord(const std::string& verdict) {
  if (verdict == "winner") return "proved";
  if (verdict == "tie") return "tie";
  if (verdict == "unclear") return "not decided";
  return verdict == "alone" ? "measured alone" : "not measured";
}

std::string CardHtml(const Json& card, const Json& subjects) {
  const std::string verdict = TextAt(card, "verdict");
  std::string names;
  const Json& winners = ListAt(card, "winners");
  for (size_t i = 0; i < winners.size() && i < 3; ++i)
    names += fmt::format("<span class=\"name\">{}{}</span>", Mark(subjects, At(winners[i], "subject")),
                         Esc(TextAt(winners[i], "label")));
  if (winners.size() > 3) names += fmt::format("<span class=\"name\">and {} more</span>", winners.size() - 3);
  return fmt::format(
      "<article class=\"card {0}\"{1}>\n<h3>{2}</h3>\n<p class=\"value\">{3}</p>\n<p class=\"names\">{4}</p>\n<p "
      "class=\"detail\">{5}</p>\n<p class=\"badge {0}\">{6}</p>\n<p class=\"why\">{7}</p>\n</article>\n",
      Esc(verdict), OriginOf(card), Esc(TextAt(card, "title")), Esc(TextAt(card, "value")), names,
      Esc(TextAt(card, "detail")), VerdictWord(verdict), Esc(TextAt(card, "sentence")));
}

std::string AnswerHtml(const Json& answer, const Json& subjects, bool several, size_t place) {
  const std::string id = place == 0 ? "answer" : fmt::format("answer-{}", place + 1);
  std::string text = fmt::format(
      "<section id=\"{0}\" class=\"answer\" aria-labelledby=\"h-{0}\">\n<h2 id=\"h-{0}\">The answer{1}</h2>\n", id,
      several ? ": " + Esc(TextAt(answer, "model")) : "");
  text += fmt::format("<p class=\"headline\"{}>{}</p>\n", OriginOf(answer), Esc(TextAt(answer, "headline")));
  if (const Json& stale = At(answer, "stale"); stale.is_object())
    text += fmt::format("<p class=\"stale\"{}>{}</p>\n", OriginOf(stale), Esc(TextAt(stale, "sentence")));
  text += "<div class=\"cards\">\n";
  for (const Json& card : ListAt(answer, "cards")) text += CardHtml(card, subjects);
  text += "</div>\n<ul class=\"findings\">\n";
  for (const char* part : {"speed_up", "accuracy"}) {
    const Json& found = At(answer, part);
    const std::string verdict = TextAt(found, "verdict");
    if (!found.is_object()) continue;
    text += fmt::format("<li class=\"sentence {}\"{}><strong>{}</strong> {}</li>\n",
                        verdict == "better" || verdict == "kept" || verdict == "gained" ? "good"
                        : verdict == "worse" || verdict == "lost"                       ? "bad"
                                                                                        : "",
                        OriginOf(found), std::string_view(part) == "accuracy" ? "Accuracy." : "Against the baseline.",
                        Esc(TextAt(found, "sentence")));
  }
  text += "</ul>\n";
  const Json& configuration = At(answer, "configuration");
  if (configuration.is_object()) {
    text += fmt::format(
        "<div class=\"configuration\"{}>\n<h3>{}</h3>\n{}{}<pre "
        "tabindex=\"0\"><code>{}</code></pre>\n{}</div>\n",
        OriginOf(configuration), Esc(TextAt(configuration, "title")),
        TextAt(configuration, "reserve").empty()
            ? ""
            : fmt::format("<p class=\"reserve\">{}</p>\n", Esc(TextAt(configuration, "reserve"))),
        FactsHtml(ListAt(configuration, "facts")), Esc(TextAt(configuration, "command")),
        TextAt(configuration, "where").empty()
            ? ""
            : fmt::format("<p class=\"note\">{}</p>\n", Esc(TextAt(configuration, "where"))));
  }
  return text + "</section>\n";
}

}  // namespace

std::string Html(const Json& report, std::string_view library) {
  const Json& subjects = ListAt(report, "subjects");
  Json charts = Json::array();
  std::string body, links;
  const Json& answers = ListAt(report, "answers");
  for (size_t i = 0; i < answers.size(); ++i) body += AnswerHtml(answers[i], subjects, answers.size() > 1, i);
  if (!answers.empty()) links += "<li><a href=\"#answer\">Answer</a></li>\n";
  for (const Json& section : ListAt(report, "sections")) {
    body += SectionHtml(section, subjects, charts);
    links +=
        fmt::format("<li><a href=\"#{}\">{}</a></li>\n", Esc(TextAt(section, "id")), Esc(TextAt(section, "short")));
  }
  std::string facts = fmt::format("{} runs", WholeAt(report, "runs").value_or(0));
  if (const std::string at = TextAt(report, "measured_at"); !at.empty()) facts += ", measured " + MinuteText(at);
  if (const std::string state = TextAt(report, "status"); state == "running" || state == "stopped") {
    facts += ", campaign not finished";
  } else if (state == "failed") {
    facts += ", not everything worked";
  }
  std::string grade = Esc(TextAt(report, "grade"));
  if (!grade.empty())
    grade = fmt::format(" <a class=\"grade g{0}\" href=\"#environment\">Environment: grade {0}</a>", grade);
  const std::string title = Esc(TextAt(report, "title"));
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"bakeoff {}\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{} – Bakeoff "
      "report</title>\n<style>\n",
      Esc(TextAt(report, "tool.version")), title);
  html += kPageCSS;
  html += fmt::format(
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n<header "
      "class=\"top\">\n<div>\n<p class=\"brand\">Bakeoff report</p>\n<h1>{}</h1>\n<p class=\"meta\"{}>{}. Verdicts at "
      "α "
      "= 0.01, over repetitions in fresh processes. Made {} by bakeoff {}.{}</p>\n</div>\n"
      "<button type=\"button\" id=\"theme\" aria-label=\"Switch between light and dark\">Theme: "
      "system</button>\n</header>\n<nav aria-label=\"Sections\"><ul>\n{}</ul></nav>\n<main id=\"main\">\n<noscript><p "
      "class=\"absent\">Without scripts there are no charts; every number of them is in a table or in the words beside "
      "them.</p></noscript>\n",
      title, OriginOf(At(report, "origin")), Esc(facts), Esc(MinuteText(TextAt(report, "made_at"))),
      Esc(TextAt(report, "tool.version")), grade, links);
  html += body;
  html +=
      "</main>\n<footer><p>Made by bakeoff. This page needs no network. ECharts (Apache License 2.0) draws the "
      "charts.</p></footer>\n<script type=\"application/json\" id=\"report-data\">";
  html += ScriptJson({{"title", report["title"]}, {"subjects", subjects}, {"charts", charts}});
  html += "</script>\n<script>";
  html += ScriptText(library);
  html += "</script>\n<script>\n";
  html += kPageJS;
  html += "</script>\n</body>\n</html>\n";
  return html;
}

}  // namespace bakeoff::report
