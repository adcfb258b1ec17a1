-- OSDP frames in captures of `menshen osdp monitor` (link type USER0).
-- Wireshark: copy into the folder of personal Lua plugins. tshark: -X lua_script:osdp.lua
local osdp = Proto("osdp", "Open Supervised Device Protocol")

local commands = {
  [0x60] = "POLL", [0x61] = "ID", [0x62] = "CAP", [0x64] = "LSTAT", [0x65] = "ISTAT", [0x66] = "OSTAT", [0x67] = "RSTAT",
  [0x68] = "OUT", [0x69] = "LED", [0x6a] = "BUZ", [0x6b] = "TEXT", [0x6e] = "COMSET", [0x75] = "KEYSET", [0x76] = "CHLNG",
  [0x77] = "SCRYPT", [0x7b] = "ACURXSIZE", [0x7c] = "FILETRANSFER", [0x80] = "MFG", [0xa1] = "XWR", [0xa2] = "ABORT",
  [0xa7] = "KEEPACTIVE",
}
local replies = {
  [0x40] = "ACK", [0x41] = "NAK", [0x45] = "PDID", [0x46] = "PDCAP", [0x48] = "LSTATR", [0x49] = "ISTATR", [0x4a] = "OSTATR",
  [0x4b] = "RSTATR", [0x50] = "RAW", [0x51] = "FMT", [0x53] = "KEYPAD", [0x54] = "COM", [0x76] = "CCRYPT", [0x78] = "RMAC_I",
  [0x79] = "BUSY", [0x7a] = "FTSTAT", [0x90] = "MFGREP", [0xb1] = "XRD",
}

local f_address = ProtoField.uint8("osdp.address", "Address", base.DEC)
local f_reply = ProtoField.bool("osdp.reply", "From the peripheral")
local f_length = ProtoField.uint16("osdp.length", "Length", base.DEC)
local f_sequence = ProtoField.uint8("osdp.sequence", "Sequence", base.DEC)
local f_crc = ProtoField.bool("osdp.crc", "CRC-16")
local f_security = ProtoField.uint8("osdp.security", "Security block", base.HEX)
local f_code = ProtoField.uint8("osdp.code", "Code", base.HEX)
local f_name = ProtoField.string("osdp.name", "Name")
local f_data = ProtoField.bytes("osdp.data", "Data, MAC and check")
osdp.fields = { f_address, f_reply, f_length, f_sequence, f_crc, f_security, f_code, f_name, f_data }

function osdp.dissector(buffer, pinfo, tree)
  if buffer:len() < 6 or buffer(0, 1):uint() ~= 0x53 then return 0 end
  local address = buffer(1, 1):uint()
  local is_reply = address >= 128
  local control = buffer(4, 1):uint()
  local sub = tree:add(osdp, buffer())
  sub:add(f_address, buffer(1, 1), address % 128)
  sub:add(f_reply, buffer(1, 1), is_reply)
  sub:add_le(f_length, buffer(2, 2))
  sub:add(f_sequence, buffer(4, 1), control % 4)
  sub:add(f_crc, buffer(4, 1), math.floor(control / 4) % 2 == 1)
  local at = 5
  if math.floor(control / 8) % 2 == 1 and buffer:len() > 7 then
    sub:add(f_security, buffer(6, 1))
    at = 5 + buffer(5, 1):uint()
  end
  if at >= buffer:len() then return buffer:len() end
  local code = buffer(at, 1):uint()
  local name = (is_reply and replies or commands)[code] or string.format("0x%02x", code)
  sub:add(f_code, buffer(at, 1))
  sub:add(f_name, buffer(at, 1), name)
  if at + 1 < buffer:len() then sub:add(f_data, buffer(at + 1)) end
  pinfo.cols.protocol = "OSDP"
  pinfo.cols.info = string.format("%s %d %s", is_reply and "<" or ">", address % 128, name)
  return buffer:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, osdp)
