/** What stands in `README.txt` of every package; the same commands as in docs/protocol/evidence-package.md, and tested from there. */
export const README = `门禁证据包 / Evidence package of an access control system (Menshen)
====================================================================

先看 report.pdf。怎样核验 / Read report.pdf first. How to verify:

1. menshen verify 本文件.zip --keys 小区密钥.json   /   menshen verify PACKAGE.zip --keys KEYS.json
2. 小区公开页面 /public/evidence（选择文件，不上传） / the community's public page, offline
3. OpenSSL 3，在解压后的目录里 / OpenSSL 3, inside the unpacked folder:

   # 清单由小区签名 / the list of files is signed by the community
   openssl pkeyutl -verify -pubin -inkey keys/community.pem -rawin -in MANIFEST.sha256 -sigfile MANIFEST.sig
   # 每个文件与清单相符 / each file is the one in the list
   openssl dgst -sha256 -r $(cut -c67- MANIFEST.sha256) | cmp - MANIFEST.sha256
   openssl dgst -sha256 -r $(cut -c67- CONTENT.sha256) | cmp - CONTENT.sha256
   # 门控器证书 / certificates of the gates
   openssl x509 -inform DER -in gates/ca.cer -out /tmp/ca.pem
   openssl x509 -inform DER -in gates/0001.cer -out /tmp/gate.pem
   openssl verify -no_check_time -purpose any -CAfile /tmp/ca.pem /tmp/gate.pem
   openssl x509 -in /tmp/gate.pem -noout -pubkey | cmp - gates/0001.pem
   # 记录由门控器签名（哪台门控器见 case.json） / entries are signed by their gate (case.json says which)
   openssl dgst -sha256 -verify gates/0001.pem -signature events/0001.sig events/0001.signed
   openssl dgst -sha256 -verify gates/0001.pem -signature journal/0001.sig journal/0001.signed
   # 时间戳 / time stamp (TSA.pem: the authority's root, from the authority)
   openssl ts -verify -in time/content.tsr -data CONTENT.sha256 -CAfile TSA.pem

密钥指纹请与小区张贴或当面告知的核对 / compare the fingerprint of the key with the one posted in the community:
   openssl pkey -pubin -in keys/community.pem -outform DER | openssl dgst -sha256

持卡人身份在记录里保持密封 / who holds the card stays sealed in the records.
`;
