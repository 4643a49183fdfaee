// SPDX-License-Identifier: Apache-2.0

// crlcheck judges CRLs with Go's crypto/x509. crlcheck ISSUER CRL: is it whole and its issuer's? crlcheck ROOT CHAIN
// CRLS, the chain's first certificate being the one in question: "good" or "revoked", by the entries of all CRLs that are
// its issuer's. Go reads what is in a CRL and judges its signature; what a delta or a partition is it does not know.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func read(path, label string) [][]byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	var found [][]byte
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != label {
			fail("%s: a block %q", path, block.Type)
		}
		found = append(found, block.Bytes)
	}
	if found == nil {
		fail("%s: no block %q", path, label)
	}
	return found
}

func certificates(path string) []*x509.Certificate {
	var found []*x509.Certificate
	for _, der := range read(path, "CERTIFICATE") {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			fail("%s: %v", path, err)
		}
		found = append(found, certificate)
	}
	return found
}

func lists(path string, issuer *x509.Certificate) []*x509.RevocationList {
	var found []*x509.RevocationList
	for _, der := range read(path, "X509 CRL") {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			fail("%s: %v", path, err)
		}
		if err := list.CheckSignatureFrom(issuer); err != nil {
			fail("%s: %v", path, err)
		}
		if list.Number == nil || list.NextUpdate.IsZero() || !bytes.Equal(list.RawIssuer, issuer.RawSubject) {
			fail("%s: no number, no next update, or another issuer", path)
		}
		found = append(found, list)
	}
	return found
}

func main() {
	if len(os.Args) == 3 {
		lists(os.Args[2], certificates(os.Args[1])[0])
		return
	}
	if len(os.Args) != 4 {
		fail("usage: crlcheck ISSUER CRL | crlcheck ROOT CHAIN CRLS")
	}
	chain := append(certificates(os.Args[2]), certificates(os.Args[1])[0])
	if err := chain[0].CheckSignatureFrom(chain[1]); err != nil {
		fail("%s: %v", os.Args[2], err)
	}
	for _, list := range lists(os.Args[3], chain[1]) {
		for _, entry := range list.RevokedCertificates {
			if entry.SerialNumber.Cmp(chain[0].SerialNumber) == 0 {
				fmt.Println("revoked")
				return
			}
		}
	}
	fmt.Println("good")
}
