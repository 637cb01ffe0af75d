use IO::Socket::INET;
use IO::Socket::UNIX;
my ($u, $s);
$u = IO::Socket::UNIX->new(Peer => $ARGV[0]) or select(undef, undef, undef, 0.1) until $u;
$s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[1]") or select(undef, undef, undef, 0.1) until $s;
sleep 1000;
