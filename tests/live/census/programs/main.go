package main

import "net"

func main() {
  end, _ := net.Listen("tcp", "0.0.0.0:8097")
  for {
    end.Accept()
  }
}
