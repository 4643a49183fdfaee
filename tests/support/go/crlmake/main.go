// SPDX-License-Identifier: Apache-2.0

// crlmake CERTIFICATE.pem KEY.pem INDEX OUTPUT: a CRL of the serial numbers in openssl's index, made by
// crypto/x509 with the same dates and reasons: the peer of a bench.
package main

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func block(path string) []byte {
	text, err := os.ReadFile(path)
	fail(err)
	found, _ := pem.Decode(text)
	if found == nil {
		fail(fmt.Errorf("%s holds no PEM", path))
	}
	return found.Bytes
}

func entries(path string) []pkix.RevokedCertificate {
	file, err := os.Open(path)
	fail(err)
	defer file.Close()
	superseded := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{10, 1, 4}}
	when := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var list []pkix.RevokedCertificate
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		serial, good := new(big.Int).SetString(strings.Split(lines.Text(), "\t")[3], 16)
		if !good {
			fail(fmt.Errorf("a serial number cannot be read"))
		}
		list = append(list, pkix.RevokedCertificate{SerialNumber: serial, RevocationTime: when,
			Extensions: []pkix.Extension{superseded}})
	}
	fail(lines.Err())
	return list
}

func main() {
	if len(os.Args) != 5 {
		fail(fmt.Errorf("usage: crlmake CERTIFICATE.pem KEY.pem INDEX OUTPUT"))
	}
	issuer, err := x509.ParseCertificate(block(os.Args[1]))
	fail(err)
	key, err := x509.ParsePKCS8PrivateKey(block(os.Args[2]))
	fail(err)
	now := time.Now()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 7),
		RevokedCertificates: entries(os.Args[3])}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer, key.(crypto.Signer))
	fail(err)
	fail(os.WriteFile(os.Args[4], der, 0o644))
}
