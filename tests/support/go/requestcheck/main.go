// SPDX-License-Identifier: Apache-2.0

// requestcheck judges certificate requests with Go's crypto/x509, one line each: "NAME yes" or "NAME no: why".
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func judge(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		block, _ := pem.Decode(data)
		if block == nil {
			return fmt.Errorf("no PEM block")
		}
		if !strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
			return fmt.Errorf("another label")
		}
		data = block.Bytes
	}
	request, err := x509.ParseCertificateRequest(data)
	if err != nil {
		return err
	}
	return request.CheckSignature()
}

func main() {
	for _, path := range os.Args[1:] {
		verdict := "yes"
		if err := judge(path); err != nil {
			verdict = "no: " + strings.ReplaceAll(fmt.Sprintf("%q", err.Error()), "\n", " ")
		}
		fmt.Println(filepath.Base(path), verdict)
	}
}
