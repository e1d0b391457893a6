// Cyclic redundancy checks over bytes that come in pieces, by tables, eight bytes a step (slicing-by-8, Kounavis and
// Berry 2005). All are reflected, begin with all ones and end inverted (Rocksoft model; names as in RevEng's
// catalogue).
#pragma once

#include <cstdint>
#include <string_view>

namespace tintype {

// The CRC of `crc`'s bytes followed by `bytes`; 0 is the CRC of nothing.
std::uint32_t crc32(std::uint32_t crc, std::string_view bytes);       // ISO-HDLC: zlib, PNG, Ethernet
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);      // ISCSI: RFC 3720
std::uint64_t crc64_nvme(std::uint64_t crc, std::string_view bytes);  // NVME: NVM Command Set, section 5.2.1.3.4

}  // namespace tintype
