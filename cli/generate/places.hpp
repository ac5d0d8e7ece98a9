// Cities in which generated people live and travel.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sequitur::cli {

struct City {
  std::string_view name, country;
  std::int32_t lat, lon;  // In 1/10,000 degrees.
};

inline constexpr std::array<City, 24> kCities{{
    {"London", "GB", 515'074, -1'278},        {"Paris", "FR", 488'566, 23'522},           {"Berlin", "DE", 525'200, 134'050},
    {"Zurich", "CH", 473'769, 85'417},        {"Madrid", "ES", 404'168, -37'038},         {"Rome", "IT", 419'028, 124'964},
    {"Vienna", "AT", 482'082, 163'738},       {"Warsaw", "PL", 522'297, 210'122},         {"New York", "US", 407'128, -740'060},
    {"Chicago", "US", 418'781, -876'298},     {"Los Angeles", "US", 340'522, -1'182'437}, {"Toronto", "CA", 436'532, -793'832},
    {"Mexico City", "MX", 194'326, -991'332}, {"Sao Paulo", "BR", -235'505, -466'333},    {"Buenos Aires", "AR", -346'037, -583'816},
    {"Lagos", "NG", 65'244, 33'792},          {"Nairobi", "KE", -12'921, 368'219},        {"Dubai", "AE", 252'048, 552'708},
    {"Mumbai", "IN", 190'760, 728'777},       {"Singapore", "SG", 13'521, 1'038'198},     {"Tokyo", "JP", 356'762, 1'396'503},
    {"Seoul", "KR", 375'665, 1'269'780},      {"Sydney", "AU", -338'688, 1'512'093},      {"Auckland", "NZ", -368'509, 1'747'645},
}};

// A city on another continent: more than 3,000 km away.
constexpr std::size_t far_from(std::size_t city) {
  constexpr std::array<std::size_t, 24> kFar{20, 20, 22, 19, 22, 10, 20, 13, 0, 3, 6, 18, 1, 2, 5, 8, 9, 11, 12, 7, 4, 0, 3, 1};
  return kFar[city];
}

}  // namespace sequitur::cli
